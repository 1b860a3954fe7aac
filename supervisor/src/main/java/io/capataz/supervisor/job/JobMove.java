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

import io.capataz.common.protocol.Outcome;
import io.capataz.supervisor.task.DoneBy;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * The whole life of a job: each move, who makes it, where it leads, where it may start. The filter
 * in the store, the page {@code docs/reference/job-states.md}, the metrics and the tests are all
 * made from this table.
 *
 * <p>Not every job may make every move: nobody releases an approval, and nobody approves a script.
 *
 * <p>A fenced move names an attempt and its claim, and is made only if the job still has both: a
 * report about an attempt that was given up is refused.
 */
public enum JobMove {
  HOLD(by(By.PERSON), false, HELD, "holds it before it starts", SCHEDULED, READY),
  RELEASE(by(By.PERSON), false, READY, "releases it", HELD),
  POSTPONE(by(By.PERSON), false, SCHEDULED, "lets it wait for its start time", HELD),
  COME_DUE(by(By.SUPERVISOR), false, READY, "its start time is reached", SCHEDULED),

  ASSIGN(by(By.AGENT), false, ASSIGNED, "claims it; the attempt number is incremented", READY),
  START(by(By.AGENT), true, RUNNING, "has started the script", ASSIGNED, SILENT),
  GIVE_BACK(by(By.AGENT), true, READY, "could not start it and returns it", ASSIGNED, SILENT),
  LOSE_TOUCH(
      by(By.SUPERVISOR), true, SILENT, "its agent has not been heard from", ASSIGNED, RUNNING),
  REGAIN_CLAIM(by(By.AGENT), true, ASSIGNED, "reconnects, script not started", SILENT),
  REGAIN_RUN(by(By.AGENT), true, RUNNING, "reconnects, script running", SILENT),

  SUCCEED(by(By.AGENT), true, SUCCEEDED, "reports success", ASSIGNED, RUNNING, SILENT),
  FAIL(
      by(By.AGENT, By.SUPERVISOR),
      true,
      FAILED,
      "reports failure, or gives it up",
      ASSIGNED,
      RUNNING,
      SILENT),
  STOP(
      by(By.AGENT, By.SUPERVISOR),
      true,
      CANCELED,
      "reports that it was stopped as requested, or gives it up after that",
      ASSIGNED,
      RUNNING,
      SILENT),
  RETRY(
      by(By.AGENT, By.SUPERVISOR),
      true,
      SCHEDULED,
      "ends the attempt; another one will follow",
      ASSIGNED,
      RUNNING,
      SILENT),
  SUCCEED_LATE(
      by(By.AGENT),
      true,
      SUCCEEDED,
      "reports success before the next attempt begins",
      SCHEDULED,
      READY),

  CANCEL(by(By.PERSON), false, CANCELED, "cancels it before it starts", HELD, SCHEDULED, READY),
  FORCE(
      by(By.PERSON),
      true,
      CANCELED,
      "gives up its agent; the fence is raised",
      ASSIGNED,
      RUNNING,
      SILENT),
  EXPIRE(
      by(By.SUPERVISOR),
      false,
      EXPIRED,
      "its latest start time has passed",
      HELD,
      SCHEDULED,
      READY),

  APPROVE(
      by(By.PERSON, By.SUPERVISOR),
      false,
      SUCCEEDED,
      "gives the last approval it needs, or its deadline counts as one",
      HELD),
  REJECT(
      by(By.PERSON, By.SUPERVISOR),
      false,
      FAILED,
      "rejects it, or its deadline counts as that",
      HELD),
  SUPPLY(by(By.PERSON), false, SUCCEEDED, "gives the input it asks for", HELD),
  ELAPSE(by(By.SUPERVISOR), false, SUCCEEDED, "its wait is over", SCHEDULED);

  /** Who may make a move. */
  public enum By {
    /** A caller of the API, or a rule that stands for one. */
    PERSON,
    /** The agent that claims it or holds it; a supervisor, if it does the job's work itself. */
    AGENT,
    /** A supervisor, because time has passed or an attempt has to be given up. */
    SUPERVISOR
  }

  // Unmodifiable copies, here and below; the checker does not know the JDK's own.
  @SuppressWarnings("ImmutableEnumChecker")
  private final Set<By> by;

  private final boolean fenced;
  private final JobState to;
  private final String meaning;

  @SuppressWarnings("ImmutableEnumChecker")
  private final Set<JobState> from;

  JobMove(Set<By> by, boolean fenced, JobState to, String meaning, JobState... from) {
    this.by = by;
    this.fenced = fenced;
    this.to = to;
    this.meaning = meaning;
    this.from = Set.of(from);
  }

  private static Set<By> by(By... those) {
    return Set.of(those);
  }

  /** Who may make it. */
  public Set<By> by() {
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

  /** The jobs that may make it, by who does their work. */
  public Set<DoneBy> jobs() {
    return switch (this) {
      case HOLD,
          RELEASE,
          POSTPONE,
          COME_DUE,
          ASSIGN,
          START,
          GIVE_BACK,
          LOSE_TOUCH,
          REGAIN_CLAIM,
          REGAIN_RUN,
          SUCCEED,
          FAIL,
          STOP,
          RETRY,
          SUCCEED_LATE,
          FORCE ->
          EnumSet.of(DoneBy.AGENT, DoneBy.SUPERVISOR);
      case APPROVE, REJECT, SUPPLY -> EnumSet.of(DoneBy.PEOPLE);
      case ELAPSE -> EnumSet.of(DoneBy.CLOCK);
      case CANCEL, EXPIRE -> EnumSet.allOf(DoneBy.class);
    };
  }

  /** Whether it ends a job that nobody has claimed, with an outcome. */
  public boolean endsUnclaimed() {
    return this == APPROVE || this == REJECT || this == SUPPLY || this == ELAPSE;
  }

  /** Whether it ends an attempt that is under way. */
  public boolean endsAttempt() {
    return !to.isUnderWay() && from.stream().allMatch(JobState::isUnderWay);
  }

  /** Whether {@link FollowUp}s are asked what follows from it. */
  public boolean isFollowed() {
    return endsAttempt() || to.isFinal();
  }

  /**
   * @throws IllegalArgumentException if the table names someone else, or the mover names no attempt
   *     where the move is fenced
   */
  void checkMaker(Mover mover) {
    if (!by.contains(mover.by())) {
      throw new IllegalArgumentException(this + " is not made by " + mover.by() + ".");
    }
    if (fenced != (mover.fence() != null)) {
      throw new IllegalArgumentException(
          this + (fenced ? " must name an attempt and its claim." : " names no attempt."));
    }
  }

  /**
   * @throws IllegalArgumentException if it is not a move of such a job
   */
  void checkJob(Job job) {
    if (!jobs().contains(job.doneBy())) {
      throw new IllegalArgumentException(
          this + " is not a move of what is done by " + job.doneBy());
    }
  }

  /** What it means, as a verb phrase whose subject is {@link #by()}. */
  public String meaning() {
    return meaning;
  }

  /** The moves that may start from a state. */
  public static List<JobMove> leaving(JobState state) {
    return Arrays.stream(values()).filter(move -> move.from.contains(state)).toList();
  }

  /** The move that ends a job whose last attempt ended like this. */
  static JobMove ending(Outcome outcome) {
    return switch (outcome) {
      case Outcome.Succeeded _ -> SUCCEED;
      case Outcome.ExitedWith _,
          Outcome.TimedOut _,
          Outcome.Killed _,
          Outcome.Interrupted _,
          Outcome.CouldNotStart _,
          Outcome.Refused _,
          Outcome.Rejected _,
          Outcome.Failed _,
          Outcome.Lost _ ->
          FAIL;
      case Outcome.Canceled _ -> STOP;
    };
  }
}
