package io.capataz.supervisor.job;

import static io.capataz.supervisor.job.JobState.ASSIGNED;
import static io.capataz.supervisor.job.JobState.CANCELED;
import static io.capataz.supervisor.job.JobState.EXPIRED;
import static io.capataz.supervisor.job.JobState.FAILED;
import static io.capataz.supervisor.job.JobState.HELD;
import static io.capataz.supervisor.job.JobState.READY;
import static io.capataz.supervisor.job.JobState.RUNNING;
import static io.capataz.supervisor.job.JobState.SCHEDULED;
import static io.capataz.supervisor.job.JobState.SILENT;
import static io.capataz.supervisor.job.JobState.SUCCEEDED;

import java.util.Arrays;
import java.util.List;
import java.util.Set;

/**
 * The whole life of a job: each move, who makes it, where it leads, where it may start. The filter
 * in the store, the page {@code docs/reference/job-states.md}, the metrics and the tests are all
 * made from this table.
 *
 * <p>A fenced move names an attempt and its claim, and is made only if the job still has both: who
 * speaks for an attempt that was given up is not heard.
 */
enum JobMove {
  HOLD(By.PERSON, false, HELD, "keeps it from starting", SCHEDULED, READY),
  RELEASE(By.PERSON, false, READY, "lets it start", HELD),
  POSTPONE(By.PERSON, false, SCHEDULED, "gives it a later start", HELD, READY),
  COME_DUE(By.CLOCK, false, READY, "its time has come", SCHEDULED),

  ASSIGN(By.AGENT, false, ASSIGNED, "claims it; the attempt number grows", READY),
  START(By.AGENT, true, RUNNING, "has started the script", ASSIGNED, SILENT),
  GIVE_BACK(By.AGENT, true, READY, "could not begin and gives it back", ASSIGNED, SILENT),
  LOSE_TOUCH(By.CLOCK, true, SILENT, "its agent has not been heard of", ASSIGNED, RUNNING),
  REGAIN_CLAIM(By.AGENT, true, ASSIGNED, "is heard again, script not started", SILENT),
  REGAIN_RUN(By.AGENT, true, RUNNING, "is heard again, script runs", SILENT),

  SUCCEED(By.AGENT, true, SUCCEEDED, "reports success", ASSIGNED, RUNNING, SILENT),
  FAIL(By.AGENT, true, FAILED, "reports failure, or is given up", ASSIGNED, RUNNING, SILENT),
  STOP(By.AGENT, true, CANCELED, "reports that it was stopped as asked", ASSIGNED, RUNNING, SILENT),
  RETRY(By.CLOCK, true, SCHEDULED, "another attempt will follow", ASSIGNED, RUNNING, SILENT),
  SUCCEED_LATE(
      By.AGENT,
      true,
      SUCCEEDED,
      "reports success before the next attempt begins",
      SCHEDULED,
      READY),

  CANCEL(By.PERSON, false, CANCELED, "calls it off before it starts", HELD, SCHEDULED, READY),
  FORCE(
      By.PERSON,
      false,
      CANCELED,
      "gives up its agent; the fence is raised",
      ASSIGNED,
      RUNNING,
      SILENT),
  EXPIRE(By.CLOCK, false, EXPIRED, "its time to start has passed", HELD, SCHEDULED, READY);

  /** Who makes a move. */
  public enum By {
    /** A caller of the API, or a rule that stands for one. */
    PERSON,
    /** The agent that claims it or holds it. */
    AGENT,
    /** A supervisor, because time has passed. */
    CLOCK
  }

  private final By by;
  private final boolean fenced;
  private final JobState to;
  private final String meaning;

  // An unmodifiable copy; the checker does not know the JDK's own.
  @SuppressWarnings("ImmutableEnumChecker")
  private final Set<JobState> from;

  JobMove(By by, boolean fenced, JobState to, String meaning, JobState... from) {
    this.by = by;
    this.fenced = fenced;
    this.to = to;
    this.meaning = meaning;
    this.from = Set.of(from);
  }

  public By by() {
    return by;
  }

  /** Whether attempt and claim must be named and still be the job's. */
  public boolean fenced() {
    return fenced;
  }

  public JobState to() {
    return to;
  }

  /** The states it may start from. */
  public Set<JobState> from() {
    return from;
  }

  /** What it means, as a verb phrase whose subject is {@link #by()}. */
  public String meaning() {
    return meaning;
  }

  /** The moves that may start from a state. */
  public static List<JobMove> leaving(JobState state) {
    return Arrays.stream(values()).filter(move -> move.from.contains(state)).toList();
  }
}
