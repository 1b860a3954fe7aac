package io.capataz.supervisor.workflowrun;

import io.capataz.supervisor.access.Acl;
import io.capataz.supervisor.parameter.Arguments;
import io.capataz.supervisor.parameter.Parameter;
import io.capataz.supervisor.task.Task;
import io.capataz.supervisor.task.Tasks;
import io.capataz.supervisor.web.ApiProblem;
import io.capataz.supervisor.workflow.Plan;
import io.capataz.supervisor.workflow.Workflow;
import io.capataz.supervisor.workflow.Workflows;
import io.capataz.supervisor.workflowrun.WorkflowRun.Asked;
import io.capataz.supervisor.workflowrun.WorkflowRun.Course;
import io.capataz.supervisor.workflowrun.WorkflowRun.Parent;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

/** Makes runs. Their first jobs are made after that, by whoever comes first. */
@Component
class NewRuns {

  private final WorkflowRuns runs;
  private final Workflows workflows;
  private final Tasks tasks;
  private final Inputs inputs;
  private final InstantSource clock;

  NewRuns(WorkflowRuns runs, Workflows workflows, Tasks tasks, Inputs inputs, InstantSource clock) {
    this.runs = runs;
    this.workflows = workflows;
    this.tasks = tasks;
    this.inputs = inputs;
    this.clock = clock;
  }

  /** Makes a run that begins now; one that is there already stays as it is. */
  WorkflowRun add(
      String id,
      Workflow workflow,
      Acl acl,
      List<JsonNode> arguments,
      Asked asked,
      @Nullable Parent parent) {
    return add(id, workflow, acl, arguments, asked, parent, clock.instant());
  }

  /**
   * Makes a run; one that is there already stays as it is.
   *
   * @param arguments checked
   * @param begins when its first jobs are made; a sweep makes them, unless somebody was faster
   */
  WorkflowRun add(
      String id,
      Workflow workflow,
      Acl acl,
      List<JsonNode> arguments,
      Asked asked,
      @Nullable Parent parent,
      Instant begins) {
    var timeout = planOf(workflow).timeout();
    return runs.add(
        new WorkflowRun(
            id,
            workflow.organization(),
            workflow.id(),
            workflow.version(),
            workflow.name(),
            acl,
            asked,
            inputs.sealed(workflow.organization(), id, arguments),
            parent,
            new Course(
                false,
                null,
                timeout == null ? null : begins.plus(timeout),
                begins.isAfter(clock.instant()) ? begins : begins.plus(WorkflowRuns.FAST_WAY),
                null,
                List.of())));
  }

  Plan planOf(Workflow workflow) {
    return workflows
        .plan(workflow.organization(), workflow.id(), workflow.version())
        .orElseThrow(
            () ->
                ApiProblem.conflict(
                    "workflow_changed", "The workflow was changed just now. Run it again."));
  }

  /** What a run may be given: what the workflow says, otherwise what its first task takes. */
  List<Parameter> parametersOf(String organization, Plan plan) {
    if (!plan.parameters().isEmpty()) {
      return plan.parameters();
    }
    var first = plan.step(plan.starts().getFirst()).orElseThrow();
    return first.task() == null || !first.arguments().isEmpty()
        ? List.of()
        : tasks.forRun(organization, first.task()).map(Task::parameters).orElse(List.of());
  }

  /**
   * The arguments of a run.
   *
   * @throws ApiProblem 400, naming each that is wrong
   */
  List<JsonNode> checked(Plan plan, List<Parameter> parameters, List<JsonNode> given) {
    var checked = Arguments.check(parameters, given);
    if (plan.parameters().isEmpty()) {
      return given;
    }
    return checked.texts().stream().<JsonNode>map(JsonNodeFactory.instance::stringNode).toList();
  }
}
