package io.capataz.supervisor.job;

import io.capataz.common.protocol.Claim;
import io.capataz.common.protocol.Outcome;
import io.capataz.common.protocol.WorkOrder.Handling;
import io.capataz.supervisor.access.Acl;
import io.capataz.supervisor.access.People;
import io.capataz.supervisor.job.Job.Ending;
import io.capataz.supervisor.job.Job.Holding;
import io.capataz.supervisor.job.Job.Lease;
import io.capataz.supervisor.job.Job.Outbox;
import io.capataz.supervisor.job.Job.Past;
import io.capataz.supervisor.job.Job.Pending;
import io.capataz.supervisor.job.Job.Placement;
import io.capataz.supervisor.job.Job.Provenance;
import io.capataz.supervisor.job.Job.Spec;
import io.capataz.supervisor.job.Job.Stop;
import io.capataz.supervisor.task.Action;
import io.capataz.supervisor.task.Approve;
import io.capataz.supervisor.task.Approve.Labels;
import io.capataz.supervisor.task.Approve.Lapse;
import io.capataz.supervisor.task.Approve.Quorum;
import io.capataz.supervisor.task.AskInput;
import io.capataz.supervisor.task.RunScript;
import io.capataz.supervisor.task.Task.OnLost;
import io.capataz.supervisor.task.Task.Retry;
import io.capataz.supervisor.task.Task.Target;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.bson.types.ObjectId;
import org.jspecify.annotations.Nullable;

/** A job for tests of the aggregate: of organization acme, on "a host", in its second attempt. */
final class AJob {

  static final Instant NOW = Instant.parse("2026-01-02T03:04:05.678Z");
  static final String CLAIM = "the claim of attempt two";

  private JobState state = JobState.READY;
  private Retry retry = new Retry(1, OnLost.FAIL, Duration.ZERO);
  private Action action =
      new RunScript(
          "a script",
          null,
          Map.of("A", "1"),
          List.of(),
          List.of(),
          List.of(),
          null,
          Handling.USUAL);
  private @Nullable Instant due;
  private @Nullable Stop stop;
  private @Nullable Ending ending;
  private @Nullable Instant silentSince;

  AJob that(JobState itsState) {
    state = itsState;
    silentSince = itsState == JobState.SILENT ? NOW : null;
    return this;
  }

  /** One that may make a move. */
  AJob thatMay(JobMove move) {
    action =
        switch (move) {
          case APPROVE, REJECT -> approval(Lapse.EXPIRED);
          case SUPPLY -> new AskInput(People.NOBODY, true, null);
          case ELAPSE -> new AskInput(People.NOBODY, false, null);
          default -> action;
        };
    return this;
  }

  AJob thatLapsesAs(Lapse lapse) {
    action = approval(lapse);
    return this;
  }

  private static Approve approval(Lapse lapse) {
    return new Approve(
        new People(List.of("viewer")),
        false,
        new Quorum(1),
        true,
        null,
        lapse,
        new Labels(null, null));
  }

  AJob triedAgain() {
    retry = new Retry(5, OnLost.RETRY, Duration.ofSeconds(1));
    return this;
  }

  AJob due(Instant later) {
    due = later;
    return this;
  }

  AJob askedToStop() {
    stop = new Stop(NOW, "somebody");
    return this;
  }

  AJob lost() {
    ending = Ending.of(new Outcome.Lost("nothing was heard"));
    return this;
  }

  Job made() {
    return new Job(
        ObjectId.get().toHexString(),
        "acme",
        "a task",
        Acl.ADMINISTRATORS,
        state,
        5,
        new Spec(
            "a task",
            1,
            action,
            Duration.ofSeconds(5),
            Duration.ofSeconds(1),
            retry,
            List.of(),
            List.of("x"),
            List.of(),
            List.of(),
            List.of(),
            null),
        new Provenance(Origin.USER, "test", null, NOW, null, null, List.of()),
        new Placement(new Target("a host", null), QueueName.ofHost("a host"), 0, NOW, due, null),
        new Holding(
            2,
            9,
            0,
            new Lease("a host", "agent-1", 1, CLAIM, NOW, Claim.Heard.ANNOUNCEMENT),
            null,
            null,
            silentSince,
            stop),
        new Pending(new Outbox(null, 1), null, List.of(), null, null),
        new Past(List.of(), List.of(), null, ending, List.of(), 0));
  }
}
