package io.capataz.supervisor.workflowrun;

import io.capataz.supervisor.job.EndEvent;
import io.capataz.supervisor.workflow.Plan;
import io.capataz.supervisor.workflow.Plan.Edge;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * How a visit of a step ended, whatever it was: a job, a list of jobs, a run, or nothing that could
 * be made.
 *
 * @param ref names what ended; see {@link Ends}
 * @param event takes the edges
 * @param good whether it succeeded
 * @param output for the next step, by position
 * @param result what the script returned; null: nothing
 */
record End(
    String ref,
    String step,
    String visit,
    int number,
    String event,
    boolean good,
    List<String> output,
    @Nullable JsonNode result) {

  static final String SUCCESS = EndEvent.SUCCESS;
  static final String FAILURE = EndEvent.FAILURE;

  End {
    output = List.copyOf(output);
  }

  /** The edges that it takes. */
  List<Edge> taken(Plan plan) {
    var taken = along(plan, event);
    return taken.isEmpty() && isForgiven(plan) && !event.equals(SUCCESS)
        ? along(plan, SUCCESS)
        : taken;
  }

  private List<Edge> along(Plan plan, String by) {
    var data = data();
    return plan.leaving(step).stream()
        .filter(edge -> edge.event().equals(by))
        .filter(edge -> edge.when().stream().allMatch(condition -> condition.holds(data)))
        .toList();
  }

  /** Whether a failure here does not count. */
  private boolean isForgiven(Plan plan) {
    return good || plan.step(step).filter(it -> it.options().continueOnError()).isPresent();
  }

  /** Whether the run has failed by it: nothing in the graph deals with it. */
  boolean failsRun(Plan plan) {
    return !isForgiven(plan) && taken(plan).isEmpty();
  }

  /** As data for conditions and mappings. */
  ObjectNode data() {
    var data = JsonNodeFactory.instance.objectNode();
    data.put("event", event);
    var list = data.putArray("output");
    output.forEach(list::add);
    data.set("result", result == null ? data.nullNode() : result);
    return data;
  }
}
