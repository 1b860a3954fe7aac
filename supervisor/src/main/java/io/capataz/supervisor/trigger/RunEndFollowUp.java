package io.capataz.supervisor.trigger;

import io.capataz.supervisor.job.Cause;
import io.capataz.supervisor.job.Origin;
import io.capataz.supervisor.workflowrun.EndedRun;
import io.capataz.supervisor.workflowrun.RunFollowUp;
import org.springframework.stereotype.Component;

/** The end of a run is an event of its workflow. */
@Component
class RunEndFollowUp implements RunFollowUp {

  private final Triggers triggers;

  RunEndFollowUp(Triggers triggers) {
    this.triggers = triggers;
  }

  @Override
  public boolean follows(String organization, String workflow) {
    return triggers.hear(organization, workflow);
  }

  @Override
  public void ended(EndedRun run) {
    var origin = new Origin(EndFollowUp.TRIGGER, run.id(), null, run.events() + 1);
    var _ =
        triggers.start(
            new Emission(
                run.organization(),
                run.id(),
                run.workflow(),
                run.state(),
                run.output(),
                new Cause(origin, run.by(), run.user(), null),
                run.at()));
  }
}
