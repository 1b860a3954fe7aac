package io.capataz.supervisor.model;

import io.capataz.supervisor.job.JobMove;
import io.capataz.supervisor.job.JobState;
import io.capataz.supervisor.model.Bounds.Detail;
import io.capataz.supervisor.model.Guard.Rule;
import java.util.EnumSet;
import java.util.Set;

/**
 * The writes. Each is one compare-and-set of one document: made as a whole or not at all, and
 * nothing can be between its filter and its update.
 */
final class ModelStore {

  /** Named here and not asked of the table: what the model promises must not follow the table. */
  private static final Set<JobState> FINAL =
      EnumSet.of(JobState.SUCCEEDED, JobState.FAILED, JobState.CANCELED, JobState.EXPIRED);

  /** The moves after which an attempt is no longer under way. */
  private static final Set<JobMove> ENDS_THE_ATTEMPT =
      EnumSet.of(
          JobMove.SUCCEED,
          JobMove.FAIL,
          JobMove.STOP,
          JobMove.RETRY,
          JobMove.GIVE_BACK,
          JobMove.FORCE);

  private final Bounds bounds;
  private final Guards guards;

  ModelStore(Bounds bounds, Guards guards) {
    this.bounds = bounds;
    this.guards = guards;
  }

  static boolean isFinal(JobState state) {
    return FINAL.contains(state);
  }

  void insert(ModelJob job) {
    job.posted = true;
    job.state = JobState.READY;
    job.told = false;
    if (guards.hold(Rule.MARK_WITH_THE_INSERT)) {
      setMark(job);
    }
  }

  /** A move that names no attempt. */
  boolean make(World world, JobMove move, ModelJob job) {
    return make(world, move, job, job.attempt, job.lease.claim());
  }

  /** A move in the name of an attempt. */
  boolean make(World world, JobMove move, ModelJob job, int attempt, int claim) {
    if (!guards.allow(move, job.state) || !guards.accept(move, job, attempt, claim)) {
      return false;
    }
    if (job.stop
        && ((move == JobMove.RETRY && guards.hold(Rule.RETRY_DEMANDS_NO_STOP))
            || (move == JobMove.GIVE_BACK && guards.hold(Rule.GIVE_BACK_DEMANDS_NO_STOP)))) {
      return false;
    }
    if (job.attempt != attempt || job.lease.claim() != claim) {
      world.breaks(Promise.OLD_FENCE_IS_NOT_HEARD);
    }
    goTo(world, job, move.to());
    if (ENDS_THE_ATTEMPT.contains(move)
        && bounds.isLimited()
        && guards.hold(Rule.EFFECT_WITH_THE_MOVE)) {
      job.addEffect(job.lease);
    }
    switch (move) {
      case GIVE_BACK -> {
        job.givenBack++;
        stepIntoLine(job);
      }
      case COME_DUE, RELEASE -> stepIntoLine(job);
      case FORCE -> {
        job.givenUp |= 1 << job.attempt;
        if (guards.hold(Rule.FORCE_RAISES_THE_FENCE)) {
          job.attempt++;
        }
      }
      case HOLD,
          POSTPONE,
          ASSIGN,
          START,
          LOSE_TOUCH,
          REGAIN_CLAIM,
          REGAIN_RUN,
          SUCCEED,
          FAIL,
          STOP,
          RETRY,
          SUCCEED_LATE,
          CANCEL,
          EXPIRE,
          // Of jobs that no agent runs, which the model does not have.
          APPROVE,
          REJECT,
          SUPPLY,
          ELAPSE -> {}
    }
    return true;
  }

  /** Grants a job to the agent that made the claim. */
  boolean assign(World world, int j, Permit permit) {
    var job = world.jobs[j];
    var agent = world.claimAgents[permit.claim()];
    if (!guards.allow(JobMove.ASSIGN, job.state)
        || (guards.hold(Rule.ASSIGN_DEMANDS_THE_LINE) && (job.blocked || !bounds.isFor(j, agent)))
        || (guards.hold(Rule.ASSIGN_DEMANDS_NO_STOP) && job.stop)
        || (bounds.isLimited()
            && guards.hold(Rule.ASSIGN_DEMANDS_THE_TURN)
            && job.generation != permit.generation())) {
      return false;
    }
    if (!bounds.isFor(j, agent)) {
      world.breaks(Promise.HOME_IS_RESPECTED);
    }
    goTo(world, job, JobMove.ASSIGN.to());
    job.attempt++;
    job.lease = permit;
    if (bounds.isLimited() && guards.hold(Rule.ASSIGN_RAISES_THE_TURN)) {
      raiseTurn(job);
    }
    return true;
  }

  /** What became of the wish for a permit. */
  enum Take {
    TAKEN,
    FULL,
    HAS_ONE
  }

  Take take(World world, ModelJob job, Permit permit) {
    if (job.permit.equals(permit) && !guards.hold(Rule.SEAT_IS_NOT_SHARED)) {
      return Take.TAKEN;
    }
    if (job.permit.isTaken() && guards.hold(Rule.ONE_SEAT_A_JOB)) {
      return Take.HAS_ONE;
    }
    if (world.taken >= bounds.permits() && guards.hold(Rule.SEATS_ARE_COUNTED)) {
      return Take.FULL;
    }
    job.permit = permit;
    world.taken++;
    return Take.TAKEN;
  }

  /** Takes a permit away, if it is still that one. */
  void free(World world, ModelJob job, Permit permit) {
    if (job.permit.isTaken()
        && (!guards.hold(Rule.FREE_NAMES_THE_CLAIM) || job.permit.claim() == permit.claim())
        && (!guards.hold(Rule.FREE_NAMES_THE_TURN)
            || job.permit.generation() == permit.generation())) {
      job.permit = Permit.NONE;
      world.taken--;
    }
  }

  /**
   * Whether a permit has an attempt: one under way, or one that has ended and whose effect is still
   * to be done. A permit may be taken under an old generation, after that generation's attempt has
   * long ended.
   */
  boolean hasAttempt(ModelJob job, Permit permit) {
    var leased =
        job.lease.claim() == permit.claim()
            && (!guards.hold(Rule.LEASE_NAMES_THE_TURN)
                || job.lease.generation() == permit.generation());
    var over =
        !job.isUnderWay()
            && !job.toFree[0].equals(permit)
            && !job.toFree[1].equals(permit)
            && guards.hold(Rule.REAPER_SEES_ENDED);
    return leased && !over;
  }

  /** Makes sure that nobody can grant the job any more in the generation of a permit. */
  boolean raiseTurn(ModelJob job, Permit permit) {
    if (job.generation != permit.generation()) {
      return false;
    }
    raiseTurn(job);
    if (job.state == JobState.READY && !job.blocked && guards.hold(Rule.REAPER_SETS_A_MARK)) {
      // Whoever took the permit has read the announcement, and has died with it.
      setMark(job);
    }
    return true;
  }

  boolean block(ModelJob job) {
    if (!job.isInItsHomeLine()) {
      return false;
    }
    job.blocked = true;
    job.outbox = 0;
    return true;
  }

  boolean unblock(ModelJob job) {
    if (!job.isParked()) {
      return false;
    }
    job.blocked = false;
    job.told = false;
    if (guards.hold(Rule.UNPARK_SETS_A_MARK)) {
      setMark(job);
    }
    return true;
  }

  /** Takes the mark off, if it is still that one. */
  void clearMark(ModelJob job, int number) {
    if (job.outbox == number || !guards.hold(Rule.MARK_IS_CLEARED_BY_NUMBER)) {
      job.outbox = 0;
    }
  }

  boolean askToStop(ModelJob job) {
    if (!job.isUnderWay()) {
      return false;
    }
    job.stop = true;
    return true;
  }

  private static void goTo(World world, ModelJob job, JobState next) {
    if (isFinal(job.state) && job.state != next) {
      world.breaks(Promise.FINAL_IS_FINAL);
    }
    job.state = next;
    if (isFinal(next)) {
      job.outbox = 0;
    }
  }

  private void stepIntoLine(ModelJob job) {
    job.blocked = false;
    job.told = false;
    setMark(job);
  }

  private void setMark(ModelJob job) {
    if (bounds.has(Detail.ANNOUNCEMENTS)) {
      job.marks = guards.hold(Rule.MARK_NUMBERS_GROW) ? job.marks + 1 : 1;
      job.outbox = job.marks;
    }
  }

  private static void raiseTurn(ModelJob job) {
    job.generation++;
  }
}
