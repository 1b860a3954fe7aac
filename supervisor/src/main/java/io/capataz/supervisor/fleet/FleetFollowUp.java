package io.capataz.supervisor.fleet;

import io.capataz.common.protocol.Outcome;
import io.capataz.supervisor.job.FollowUp;
import io.capataz.supervisor.job.Job;
import io.capataz.supervisor.job.Job.Effect;
import io.capataz.supervisor.job.JobMove;
import io.capataz.supervisor.job.JobState;
import io.capataz.supervisor.job.OriginKind;
import java.time.InstantSource;
import java.util.List;
import org.bson.Document;
import org.jspecify.annotations.Nullable;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.stereotype.Component;

/** When a job of a fleet run has ended, others may begin. */
@Component
class FleetFollowUp implements FollowUp, OriginKind {

  private final FleetHosts hosts;
  private final FleetDriver driver;
  private final InstantSource clock;
  private final ApplicationEventPublisher events;

  FleetFollowUp(
      FleetHosts hosts, FleetDriver driver, InstantSource clock, ApplicationEventPublisher events) {
    this.hosts = hosts;
    this.driver = driver;
    this.clock = clock;
    this.events = events;
  }

  /** A host has come to its end, as this supervisor has noted. */
  record HostEnded(Stage stage) {}

  @Override
  public String word() {
    return FleetRun.FLEET;
  }

  @Override
  public String kind() {
    return FleetRun.FLEET;
  }

  @Override
  public List<Effect> after(Job job, JobMove move) {
    return move.to().isFinal() && job.provenance().origin().word().equals(FleetRun.FLEET)
        ? List.of(new Effect(FleetRun.FLEET, FleetRun.FLEET, new Document()))
        : List.of();
  }

  @Override
  public void perform(Job job, Effect effect) {
    var run = job.provenance().origin().reference();
    var host = job.target().host();
    if (run == null || host == null || !job.state().isFinal()) {
      return;
    }
    hosts
        .find(run, host)
        .filter(it -> job.id().equals(it.attempt().job()))
        .flatMap(it -> hosts.ended(it, stage(job, it), reason(job), clock.instant()))
        .ifPresent(it -> events.publishEvent(new HostEnded(it.stage())));
    driver.look(run);
  }

  private static Stage stage(Job job, FleetHost host) {
    if (job.state() == JobState.SUCCEEDED) {
      return Stage.SUCCEEDED;
    }
    if (job.state() != JobState.CANCELED) {
      return Stage.FAILED;
    }
    return host.attempt().recalled() && job.attempt() == 0 ? Stage.TO_COME : Stage.CANCELED;
  }

  private static @Nullable String reason(Job job) {
    var ending = job.ending();
    if (ending == null) {
      return job.state() == JobState.EXPIRED ? "expired" : null;
    }
    return switch (ending.outcome()) {
      case Outcome.Succeeded _ -> null;
      case Outcome.ExitedWith exited -> "exit code " + exited.code();
      case Outcome.TimedOut _ -> "timed out";
      case Outcome.Killed killed -> "killed by " + killed.signal();
      case Outcome.Interrupted _ -> "interrupted";
      case Outcome.Canceled _ -> "canceled";
      case Outcome.CouldNotStart failed -> "could not start: " + failed.reason();
      case Outcome.Refused refused -> "refused: " + refused.reason();
      case Outcome.Rejected rejected -> rejected.reason();
      case Outcome.Failed failed -> failed.reason();
      case Outcome.Lost lost -> "lost: " + lost.reason();
    };
  }
}
