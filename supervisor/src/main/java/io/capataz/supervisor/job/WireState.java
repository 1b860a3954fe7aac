package io.capataz.supervisor.job;

import static io.capataz.supervisor.job.JobFields.ATTEMPT;
import static io.capataz.supervisor.job.JobFields.ENDING;

import io.capataz.common.protocol.Outcome;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.data.mongodb.core.query.Criteria;

/**
 * The states of jobs on the wire: for each, our own word and the two words of seed 004's clients.
 * As fine-grained as any of the three, so that a filter by one of them is a set of these.
 */
public enum WireState {
  HELD(JobState.HELD, "onhold", "in_progress"),
  SCHEDULED(JobState.SCHEDULED, "ready", "in_progress"),
  READY(JobState.READY, "ready", "in_progress"),
  ASSIGNED(JobState.ASSIGNED, "assigned", "in_progress"),
  RUNNING(JobState.RUNNING, "assigned", "in_progress"),
  SILENT(JobState.SILENT, "assigned", "in_progress"),
  SUCCEEDED(JobState.SUCCEEDED, "finished", "success"),
  FAILED(JobState.FAILED, "finished", "failure"),
  TIMED_OUT(JobState.FAILED, "terminated", "timeout"),
  /** Failed for another reason than its script's exit code or its timeout. */
  BROKEN(JobState.FAILED, "terminated", "error"),
  /** Canceled before it was claimed. */
  CANCELED(JobState.CANCELED, "canceled", "canceled"),
  /** Canceled after it was claimed. */
  STOPPED(JobState.CANCELED, "terminated", "canceled"),
  EXPIRED(JobState.EXPIRED, "expired", "error");

  private static final String OUTCOME = ENDING.toDotPath() + ".outcome.type";

  /** The outcomes of a job that is FAILED here: a script that succeeded may have left processes. */
  private static final List<String> ENDED_BY_ITSELF =
      List.of("exited_with", "succeeded", "rejected", "failed");

  private static final String TIMEOUT = "timed_out";

  private final JobState status;
  private final String lifecycle;
  private final String state;

  WireState(JobState status, String lifecycle, String state) {
    this.status = status;
    this.lifecycle = lifecycle;
    this.state = state;
  }

  public static WireState of(Job job) {
    return switch (job.state()) {
      case HELD -> HELD;
      case SCHEDULED -> SCHEDULED;
      case READY -> READY;
      case ASSIGNED -> ASSIGNED;
      case RUNNING -> RUNNING;
      case SILENT -> SILENT;
      case SUCCEEDED -> SUCCEEDED;
      case FAILED -> ofFailure(job.ending());
      case CANCELED -> job.attempt() == 0 ? CANCELED : STOPPED;
      case EXPIRED -> EXPIRED;
    };
  }

  private static WireState ofFailure(Job.@Nullable Ending ending) {
    if (ending == null) {
      return BROKEN;
    }
    return switch (ending.outcome()) {
      case Outcome.ExitedWith _, Outcome.Succeeded _, Outcome.Rejected _, Outcome.Failed _ ->
          FAILED;
      case Outcome.TimedOut _ -> TIMED_OUT;
      case Outcome.Killed _,
          Outcome.Interrupted _,
          Outcome.CouldNotStart _,
          Outcome.Refused _,
          Outcome.Lost _,
          Outcome.Canceled _ ->
          BROKEN;
    };
  }

  JobState status() {
    return status;
  }

  /** Our own word. */
  public String statusWord() {
    return status.name().toLowerCase(Locale.ROOT);
  }

  /** The word of {@code lifecycle}. */
  public String lifecycle() {
    return lifecycle;
  }

  /** The word of {@code state}. */
  public String state() {
    return state;
  }

  /** Distinguishes it from others with the same status; empty if not needed. */
  Optional<Criteria> mark() {
    return switch (this) {
      case FAILED -> Optional.of(Criteria.where(OUTCOME).in(ENDED_BY_ITSELF));
      case TIMED_OUT -> Optional.of(Criteria.where(OUTCOME).is(TIMEOUT));
      case BROKEN ->
          Optional.of(
              Criteria.where(OUTCOME)
                  .nin(Stream.concat(ENDED_BY_ITSELF.stream(), Stream.of(TIMEOUT)).toList()));
      case CANCELED -> Optional.of(Criteria.where(ATTEMPT).is(0));
      case STOPPED -> Optional.of(Criteria.where(ATTEMPT).gt(0));
      case HELD, SCHEDULED, READY, ASSIGNED, RUNNING, SILENT, SUCCEEDED, EXPIRED ->
          Optional.empty();
    };
  }
}
