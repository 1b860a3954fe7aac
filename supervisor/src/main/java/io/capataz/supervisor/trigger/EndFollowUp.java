package io.capataz.supervisor.trigger;

import io.capataz.supervisor.job.Cause;
import io.capataz.supervisor.job.EndEvent;
import io.capataz.supervisor.job.FollowUp;
import io.capataz.supervisor.job.Job;
import io.capataz.supervisor.job.Job.Effect;
import io.capataz.supervisor.job.JobMove;
import io.capataz.supervisor.job.Origin;
import io.capataz.supervisor.job.OriginKind;
import io.capataz.supervisor.job.ScriptOutput;
import java.time.InstantSource;
import java.util.List;
import org.bson.Document;
import org.springframework.stereotype.Component;

/** The end of a job is an event of its task. */
@Component
class EndFollowUp implements FollowUp, OriginKind {

  /** Stored with jobs, as kind of the effect and as word of their origins. */
  static final String TRIGGER = "trigger";

  private final Triggers triggers;
  private final InstantSource clock;

  EndFollowUp(Triggers triggers, InstantSource clock) {
    this.triggers = triggers;
    this.clock = clock;
  }

  @Override
  public String word() {
    return TRIGGER;
  }

  @Override
  public String kind() {
    return TRIGGER;
  }

  @Override
  public List<Effect> after(Job job, JobMove move) {
    return move.to().isFinal() && triggers.hear(job.organization(), job.task())
        ? List.of(new Effect(TRIGGER, TRIGGER, new Document()))
        : List.of();
  }

  @Override
  public void perform(Job job, Effect effect) {
    if (!job.state().isFinal()) {
      return;
    }
    var cause = job.provenance();
    var ended = job.past().ended();
    var _ =
        triggers.start(
            new Emission(
                job.organization(),
                job.id(),
                job.task(),
                EndEvent.of(job),
                ScriptOutput.of(job),
                new Cause(
                    new Origin(TRIGGER, job.id(), null, cause.origin().events() + 1),
                    cause.by(),
                    cause.user(),
                    null),
                ended == null ? clock.instant() : ended));
  }
}
