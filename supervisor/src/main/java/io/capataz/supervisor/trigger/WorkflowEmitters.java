package io.capataz.supervisor.trigger;

import io.capataz.supervisor.access.Caller;
import io.capataz.supervisor.workflow.Workflow;
import io.capataz.supervisor.workflow.Workflows;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Workflows emit the ends of their runs. */
@Component
class WorkflowEmitters implements Emitters {

  private final Workflows workflows;

  WorkflowEmitters(Workflows workflows) {
    this.workflows = workflows;
  }

  @Override
  public List<Emitter> visible(Caller.Member member, @Nullable String after, int limit) {
    return workflows.visible(member, after, limit).stream().map(WorkflowEmitters::of).toList();
  }

  @Override
  public Optional<Emitter> visible(Caller.Member member, String id) {
    return workflows.visible(member, id).map(WorkflowEmitters::of);
  }

  private static Emitter of(Workflow workflow) {
    return new Emitter(
        workflow.id(),
        workflow.name(),
        "Workflow",
        null,
        null,
        "WorkflowEvent",
        EventPickerController.ENDS);
  }
}
