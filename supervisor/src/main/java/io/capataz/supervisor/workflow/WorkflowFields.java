package io.capataz.supervisor.workflow;

import io.capataz.supervisor.access.Acl;
import io.capataz.supervisor.access.AclFields;
import io.capataz.supervisor.parameter.Parameter;
import io.capataz.supervisor.parameter.ParameterFields;
import io.capataz.supervisor.task.Environment;
import io.capataz.supervisor.web.ApiProblem;
import io.capataz.supervisor.web.ApiProblem.FieldError;
import io.capataz.supervisor.web.FieldReader;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Reads workflows: the fields of seed 004's system, and our own. */
final class WorkflowFields {

  private static final int LONGEST_NAME = 200;
  private static final long MONTH = 31L * 24 * 3600;
  private static final int MOST_ERRORS = 20;
  private static final int MOST_TRIGGERS = 100;
  private static final int LONGEST_EVENT = 64;

  private WorkflowFields() {}

  /**
   * What was sent.
   *
   * @param acl empty: nothing was said about it, and so are triggers
   */
  record Sent(
      String name,
      Optional<Acl> acl,
      Optional<List<String>> triggers,
      ObjectNode definition,
      Plan plan) {}

  /**
   * Reads a workflow.
   *
   * @throws ApiProblem 400, naming everything that is wrong
   */
  static Sent read(ObjectNode body) {
    var fields = FieldReader.of(body).ignoring("definition");
    OriginalFields.OF_ITS_PLACE.forEach(fields::ignoring);
    OriginalFields.KEPT.forEach(fields::ignoring);
    var name = fields.requiredName("name", LONGEST_NAME);
    var errors = new ArrayList<FieldError>();
    var plan = read(body, fields, errors);
    var definition = body.deepCopy();
    definition.remove(OriginalFields.OF_ITS_PLACE);
    definition.remove(List.of("definition", "acl", "acls", "triggers"));
    var acl = AclFields.read(fields);
    var triggers = fields.names("triggers", MOST_TRIGGERS, LONGEST_EVENT);
    refuse(fields, errors, true);
    return new Sent(name, acl, triggers, definition, plan);
  }

  /** The plan of a definition that was checked when it was stored. */
  static Plan stored(JsonNode definition) {
    var object = (ObjectNode) definition;
    return read(object, FieldReader.of(object), new ArrayList<>());
  }

  /**
   * The plan of a recipe.
   *
   * @throws ApiProblem 400, naming everything that is wrong
   */
  static Plan checked(ObjectNode definition) {
    var errors = new ArrayList<FieldError>();
    var fields = FieldReader.of(definition);
    var plan = read(definition, fields, errors);
    // What else a recipe says is the recipe's matter.
    refuse(fields, errors, false);
    return plan;
  }

  private static void refuse(FieldReader fields, List<FieldError> errors, boolean strictly) {
    try {
      fields.done();
    } catch (ApiProblem wrong) {
      wrong.errors().stream()
          .filter(error -> strictly || !error.code().equals("unknown_field"))
          .forEach(errors::add);
    }
    if (!errors.isEmpty()) {
      throw ApiProblem.invalid(errors.stream().limit(MOST_ERRORS).toList());
    }
  }

  private static Plan read(ObjectNode body, FieldReader fields, List<FieldError> errors) {
    var parameters = ParameterFields.read(fields);
    for (var i = 0; i < parameters.size(); i++) {
      if (parameters.get(i).kind() == Parameter.Kind.FILE || parameters.get(i).masked()) {
        errors.add(
            new FieldError(
                "/task_arguments/" + i,
                "not_supported",
                "must not be a file or masked in a workflow; let the first task take it."));
      }
    }
    var timeout = fields.whole("timeout", 1, MONTH);
    var environment = new LinkedHashMap<String, String>();
    body.path("global_constants")
        .properties()
        .forEach(
            constant ->
                environment.put(
                    constant.getKey(),
                    constant.getValue().isString()
                        ? constant.getValue().stringValue()
                        : constant.getValue().toString()));
    environment.putAll(Environment.read(fields));
    var graph = new GraphFields(body, errors).read();
    if (errors.isEmpty()) {
      new GraphCheck(graph, errors).check();
    }
    return new Plan(
        graph.steps(),
        graph.edges(),
        graph.starts(),
        parameters,
        environment,
        timeout.isPresent() ? Duration.ofSeconds(timeout.getAsLong()) : null);
  }

  /** The pointer of a step in the graph that was sent. */
  static String pointer(ObjectNode definition, String step) {
    var nodes = definition.at("/graph/nodes");
    for (var i = 0; i < nodes.size(); i++) {
      if (nodes.get(i).path("v").asString("").equals(step)) {
        return "/graph/nodes/" + i;
      }
    }
    return "/graph/nodes";
  }

  /** The ids of tasks that are sent with their definition, which belongs into an import. */
  static Set<String> whole(ObjectNode definition) {
    var whole = new HashSet<String>();
    definition
        .path("tasks")
        .forEach(
            task -> {
              if (!task.hasNonNull("task_id") && task.hasNonNull("type")) {
                whole.add(task.path("id").asString(""));
              }
            });
    return whole;
  }
}
