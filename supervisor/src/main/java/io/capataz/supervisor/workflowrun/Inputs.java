package io.capataz.supervisor.workflowrun;

import io.capataz.common.protocol.MessageJson;
import io.capataz.supervisor.job.RunJobs;
import io.capataz.supervisor.parameter.Arguments;
import io.capataz.supervisor.parameter.Parameter;
import io.capataz.supervisor.vault.Vault;
import io.capataz.supervisor.web.ApiProblem;
import io.capataz.supervisor.workflow.Plan;
import io.capataz.supervisor.workflow.Plan.Step;
import io.capataz.supervisor.workflow.Plan.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.springframework.stereotype.Component;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.NullNode;
import tools.jackson.databind.node.ObjectNode;

/** What steps are given: the data of a visit, and the arguments that are taken from it. */
@Component
class Inputs {

  /** The cause of the first visits of a run. */
  static final String START = "start";

  /** The cause of the visit of a join, with the id of its gate. */
  static final String JOIN = "join:";

  /** The most items of a list. */
  static final int MOST_ITEMS = 1_000;

  private final Ends ends;
  private final Gates gates;
  private final RunJobs jobs;
  private final Vault vault;

  Inputs(Ends ends, Gates gates, RunJobs jobs, Vault vault) {
    this.ends = ends;
    this.gates = gates;
    this.jobs = jobs;
    this.vault = vault;
  }

  /** The arguments of a run as they are stored. */
  String sealed(String organization, String run, List<JsonNode> arguments) {
    return vault.sealText(
        place(organization, run), MessageJson.mapper().writeValueAsString(arguments));
  }

  private ArrayNode arguments(WorkflowRun run) {
    var text = vault.openText(place(run.organization(), run.id()), run.arguments());
    return (ArrayNode) MessageJson.mapper().readTree(text);
  }

  private static String place(String organization, String run) {
    return Vault.context(organization, "workflow_run", run, "arguments");
  }

  /**
   * The data of a visit.
   *
   * @param known ends that have been read
   */
  ObjectNode data(WorkflowRun run, Plan plan, Step step, String cause, Map<String, End> known) {
    var data = JsonNodeFactory.instance.objectNode();
    if (cause.equals(START)) {
      data.put("event", START);
      data.set("output", arguments(run));
    } else if (cause.startsWith(JOIN)) {
      gates
          .find(Ends.id(cause, JOIN))
          .ifPresent(gate -> join(data, ends.joined(run, gate, step.need())));
    } else {
      var end = known.get(cause);
      end = end != null ? end : ends.find(run, List.of(cause)).get(cause);
      if (end == null) {
        throw problem("What led to this step was removed.");
      }
      data.setAll(end.data());
      data.putObject("steps").set(end.step(), end.data());
    }
    if (!plan.parameters().isEmpty()) {
      byLabel(data.putObject("arguments"), plan.parameters(), arguments(run));
    }
    return data;
  }

  private static void join(ObjectNode data, List<End> ends) {
    data.put("event", End.SUCCESS);
    var output = data.putArray("output");
    var steps = data.putObject("steps");
    for (var end : ends) {
      end.output().forEach(output::add);
      steps.set(end.step(), end.data());
    }
  }

  private static void byLabel(ObjectNode to, List<Parameter> parameters, ArrayNode values) {
    for (var i = 0; i < parameters.size() && i < values.size(); i++) {
      to.set(parameters.get(i).label(), values.get(i));
    }
  }

  /**
   * The list of a step.
   *
   * @throws ApiProblem 400 if there is none
   */
  List<JsonNode> list(WorkflowRun run, Value in, ObjectNode data) {
    var found = value(run, in, data);
    var list = found.isString() ? parsed(found.stringValue()) : found;
    if (!(list instanceof ArrayNode array)) {
      throw problem("Its for_each found no list at " + in.pointer() + ".");
    }
    if (array.size() > MOST_ITEMS) {
      throw problem(
          "The list of its for_each has %d items; it may have at most %d."
              .formatted(array.size(), MOST_ITEMS));
    }
    return array.valueStream().toList();
  }

  /** Outputs are strings; a list among them is JSON. */
  private static JsonNode parsed(String text) {
    try {
      return MessageJson.mapper().readTree(text);
    } catch (JacksonException none) {
      return NullNode.getInstance();
    }
  }

  /**
   * The values for the parameters of a task, or of a workflow.
   *
   * @throws ApiProblem 400 if they do not fit
   */
  Arguments arguments(WorkflowRun run, Step step, ObjectNode data, List<Parameter> parameters) {
    return Arguments.check(parameters, values(run, step, data, parameters));
  }

  List<JsonNode> values(WorkflowRun run, Step step, ObjectNode data, List<Parameter> parameters) {
    if (!step.arguments().isEmpty()) {
      return parameters.stream()
          .filter(parameter -> parameter.kind() != Parameter.Kind.FIXED)
          .map(
              parameter -> {
                var value = step.arguments().get(parameter.label());
                return value == null ? NullNode.getInstance() : value(run, value, data);
              })
          .toList();
    }
    var item = data.get("item");
    var given = new ArrayList<JsonNode>();
    if (item == null) {
      data.path("output").forEach(given::add);
    } else if (item instanceof ArrayNode array) {
      array.forEach(given::add);
    } else {
      given.add(item);
    }
    return Arguments.fitted(given, parameters);
  }

  private JsonNode value(WorkflowRun run, Value value, ObjectNode data) {
    if (value.literal() != null) {
      return value.literal();
    }
    var in = value.step() == null ? data : endOf(run, value.step(), data);
    var found = in.at(value.pointer());
    return found.isMissingNode() ? NullNode.getInstance() : found;
  }

  private JsonNode endOf(WorkflowRun run, String step, ObjectNode data) {
    if (data.path("steps").has(step)) {
      return data.path("steps").get(step);
    }
    return jobs.newestOf(run.id(), step)
        .flatMap(Unit::of)
        .flatMap(unit -> Optional.ofNullable(unit.end()))
        .<JsonNode>map(End::data)
        .orElse(NullNode.getInstance());
  }

  static ApiProblem problem(String detail) {
    return ApiProblem.badRequest("step_refused", detail);
  }
}
