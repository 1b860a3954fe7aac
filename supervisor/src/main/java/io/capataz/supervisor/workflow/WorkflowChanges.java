package io.capataz.supervisor.workflow;

import io.capataz.supervisor.access.Acl;
import io.capataz.supervisor.access.Caller;
import io.capataz.supervisor.task.Tasks;
import io.capataz.supervisor.web.ApiProblem;
import io.capataz.supervisor.web.ApiProblem.FieldError;
import io.capataz.supervisor.web.VersionTag;
import io.capataz.supervisor.workflow.Plan.Step;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import tools.jackson.databind.node.ObjectNode;

/** Makes and changes workflows; what they name has to be there. */
@Component
class WorkflowChanges {

  private final Workflows workflows;
  private final Tasks tasks;
  private final InstantSource clock;

  WorkflowChanges(Workflows workflows, Tasks tasks, InstantSource clock) {
    this.workflows = workflows;
    this.tasks = tasks;
    this.clock = clock;
  }

  /**
   * Makes a workflow of tasks that are there.
   *
   * @throws ApiProblem 400, naming the nodes that are wrong
   */
  Workflow make(Caller.Member caller, ObjectNode body) {
    var sent = checked(caller, body, null);
    return workflows.add(
        caller,
        sent.name(),
        sent.acl().orElse(Acl.ADMINISTRATORS),
        sent.definition(),
        sent.triggers().orElse(List.of()));
  }

  /**
   * Replaces what a workflow says. Without an ACL or triggers its own stay. A change without effect
   * makes no version.
   *
   * @throws ApiProblem 400, 404, 412
   */
  Workflow replace(Caller.Member caller, String id, @Nullable String ifMatch, ObjectNode body) {
    var _ = found(caller, id);
    var sent = checked(caller, body, id);
    while (true) {
      var current = found(caller, id);
      new VersionTag(current.version()).check(ifMatch);
      var acl = sent.acl().orElse(current.acl());
      var start = sent.triggers().map(Workflow.Start::of).orElse(current.start());
      if (current.name().equals(sent.name())
          && current.definition().equals(sent.definition())
          && current.start().equals(start)) {
        workflows.show(current, acl);
        return current.shownTo(acl);
      }
      var next = current.changed(sent.name(), acl, sent.definition(), start, clock.instant());
      var changed = workflows.change(current, next);
      if (changed.isPresent()) {
        return changed.get();
      }
    }
  }

  /** Changes who may see a workflow. */
  Workflow show(Caller.Member caller, String id, UnaryOperator<Acl> change) {
    var current = found(caller, id);
    var acl = change.apply(current.acl());
    workflows.show(current, acl);
    return current.shownTo(acl);
  }

  Workflow found(Caller.Member caller, String id) {
    return workflows.visible(caller, id).orElseThrow(WorkflowChanges::noSuchWorkflow);
  }

  static ApiProblem noSuchWorkflow() {
    return ApiProblem.notFound("The workflow");
  }

  private WorkflowFields.Sent checked(
      Caller.Member caller, ObjectNode body, @Nullable String itself) {
    var sent = WorkflowFields.read(body);
    var errors = new ArrayList<FieldError>();
    var whole = WorkflowFields.whole(sent.definition());
    for (var step : sent.plan().steps().values()) {
      wrong(caller, step, whole, itself)
          .ifPresent(
              detail ->
                  errors.add(
                      new FieldError(
                          WorkflowFields.pointer(sent.definition(), step.id()),
                          "not_found",
                          "Step " + step.id() + " " + detail)));
      parameters(caller, step, sent.definition(), errors);
    }
    if (!errors.isEmpty()) {
      throw ApiProblem.invalid(errors.stream().limit(20).toList());
    }
    return sent;
  }

  private Optional<String> wrong(
      Caller.Member caller, Step step, Set<String> whole, @Nullable String itself) {
    if (step.workflow() != null) {
      return wrongWorkflow(caller, step.workflow(), itself);
    }
    if (whole.contains(step.id())) {
      return Optional.of(
          "comes with the definition of its task. Send it to POST /workflows/import, or make the"
              + " task first and name it by task_id.");
    }
    return step.task() != null && tasks.visible(caller, step.task()).isPresent()
        ? Optional.empty()
        : Optional.of("must name a task that is there, by task_id.");
  }

  private Optional<String> wrongWorkflow(
      Caller.Member caller, String workflow, @Nullable String itself) {
    var seen = new HashSet<String>();
    var next = new ArrayList<>(List.of(workflow));
    while (!next.isEmpty()) {
      var id = next.removeLast();
      if (id.equals(itself)) {
        return Optional.of("must not run the workflow that it is part of.");
      }
      if (seen.add(id)) {
        var found = workflows.visible(caller, id);
        if (found.isEmpty()) {
          return Optional.of("must name a workflow that is there, by workflow_id.");
        }
        WorkflowFields.stored(found.get().definition()).steps().values().stream()
            .map(Step::workflow)
            .forEach(
                inner -> {
                  if (inner != null) {
                    next.add(inner);
                  }
                });
      }
    }
    return Optional.empty();
  }

  /** A mapping to a parameter that the task does not have. */
  private void parameters(
      Caller.Member caller, Step step, ObjectNode definition, List<FieldError> errors) {
    if (step.task() == null || step.arguments().isEmpty()) {
      return;
    }
    tasks
        .visible(caller, step.task())
        .ifPresent(
            task ->
                step.arguments().keySet().stream()
                    .filter(label -> task.position(label) < 0)
                    .forEach(
                        label ->
                            errors.add(
                                new FieldError(
                                    WorkflowFields.pointer(definition, step.id())
                                        + "/value/arguments/"
                                        + label,
                                    "not_found",
                                    "Step %s gives a value to %s, which is no parameter of its task."
                                        .formatted(step.id(), label)))));
  }
}
