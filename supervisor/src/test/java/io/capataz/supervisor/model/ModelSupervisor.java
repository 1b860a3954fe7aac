package io.capataz.supervisor.model;

import static io.capataz.supervisor.job.JobMove.COME_DUE;
import static io.capataz.supervisor.job.JobMove.FAIL;
import static io.capataz.supervisor.job.JobMove.FORCE;
import static io.capataz.supervisor.job.JobMove.GIVE_BACK;
import static io.capataz.supervisor.job.JobMove.LOSE_TOUCH;
import static io.capataz.supervisor.job.JobMove.REGAIN_CLAIM;
import static io.capataz.supervisor.job.JobMove.REGAIN_RUN;
import static io.capataz.supervisor.job.JobMove.RETRY;
import static io.capataz.supervisor.job.JobMove.START;
import static io.capataz.supervisor.job.JobMove.STOP;
import static io.capataz.supervisor.job.JobMove.SUCCEED;
import static io.capataz.supervisor.job.JobMove.SUCCEED_LATE;

import io.capataz.supervisor.job.JobMove;
import io.capataz.supervisor.job.JobState;
import io.capataz.supervisor.model.Bounds.Detail;
import io.capataz.supervisor.model.Errand.Kind;
import io.capataz.supervisor.model.Errand.Said;
import io.capataz.supervisor.model.Errand.Step;
import io.capataz.supervisor.model.Guard.Rule;
import java.util.Arrays;
import java.util.Optional;

/**
 * What supervisors do: errands, begun by a call of an agent, a person's wish, or a look at what
 * others left undone. {@link #goOn} makes one step; between any two steps the others may do
 * anything, and the supervisor may die.
 */
final class ModelSupervisor {

  private final Bounds bounds;
  private final Guards guards;
  private final ModelStore store;

  ModelSupervisor(Bounds bounds, Guards guards) {
    this.bounds = bounds;
    this.guards = guards;
    this.store = new ModelStore(bounds, guards);
  }

  // How errands begin. Whatever is read first is read here.

  void take(World world, Message call) {
    var errand = world.idleErrand();
    switch (call.kind()) {
      case OPEN -> {
        errand.begin(Kind.OPEN, Step.RAISE_EPOCH, 0).claims = call.claims();
        errand.begun[0] = call.job();
        errand.begun[1] = call.attempt();
      }
      case CLAIM -> {
        errand.begin(Kind.CLAIM, Step.CHECK_SESSION, 0).fence(0, call.claim()).number(call.job());
        errand.free = call.attempt();
      }
      case STARTED ->
          errand
              .begin(Kind.START, Step.MOVE, call.job())
              .move(START)
              .fence(call.attempt(), call.claim());
      case SUCCEEDED -> report(errand, call.job(), call.attempt(), call.claim(), Said.SUCCEEDED);
      case FAILED -> report(errand, call.job(), call.attempt(), call.claim(), Said.FAILED);
      case STOPPED -> report(errand, call.job(), call.attempt(), call.claim(), Said.STOPPED);
      case GIVEN_BACK -> report(errand, call.job(), call.attempt(), call.claim(), Said.GIVEN_BACK);
    }
    errand.by(call.agent());
  }

  private static void report(Errand errand, int job, int attempt, int claim, Said said) {
    errand.begin(Kind.REPORT, Step.DECIDE, job).fence(attempt, claim).said(said);
  }

  void create(World world, int j) {
    store.insert(world.jobs[j]);
    if (bounds.has(Detail.ANNOUNCEMENTS)) {
      world.idleErrand().begin(Kind.CREATE, Step.PUBLISH, j).number(world.jobs[j].outbox).wrote =
          true;
    }
  }

  void announce(World world, int j) {
    var job = world.jobs[j];
    world
        .idleErrand()
        .begin(Kind.ANNOUNCE, job.state == JobState.READY ? Step.PUBLISH : Step.CLEAR_MARK, j)
        .number(job.outbox);
  }

  void comeDue(World world, int j) {
    world.idleErrand().begin(Kind.COME_DUE, Step.MOVE, j).move(COME_DUE);
  }

  void markSilent(World world, int j) {
    var job = world.jobs[j];
    world
        .idleErrand()
        .begin(Kind.LOSE_TOUCH, Step.MOVE, j)
        .move(LOSE_TOUCH)
        .fence(job.attempt, job.lease.claim());
  }

  void reconnect(World world, Hold hold) {
    world
        .idleErrand()
        .begin(Kind.REGAIN, Step.MOVE, hold.job())
        .move(hold.phase().isBegun() ? REGAIN_RUN : REGAIN_CLAIM)
        .fence(hold.attempt(), hold.claim());
  }

  void giveUp(World world, int j) {
    var job = world.jobs[j];
    report(world.idleErrand(), j, job.attempt, job.lease.claim(), Said.LOST);
  }

  void cancel(World world, int j) {
    world.idleErrand().begin(Kind.CANCEL, Step.CALL_OFF, j);
  }

  void force(World world, int j) {
    world.idleErrand().begin(Kind.FORCE, Step.MOVE, j).move(FORCE);
  }

  void doEffect(World world, int j) {
    var free = world.jobs[j].toFree[0];
    world.idleErrand().begin(Kind.EFFECT, beginOfEffect(), j).permit(free);
  }

  private Step beginOfEffect() {
    return guards.hold(Rule.EFFECT_STAYS_UNTIL_DONE) ? Step.FREE_SEAT : Step.PULL_EFFECT;
  }

  void reap(World world, int j) {
    world
        .idleErrand()
        .begin(
            Kind.REAP,
            guards.hold(Rule.REAPER_RAISES_THE_TURN) ? Step.RAISE_TURN : Step.FREE_SEAT,
            j)
        .permit(world.jobs[j].permit);
  }

  void letIn(World world, int next) {
    world.idleErrand().begin(Kind.LET_IN, Step.UNPARK, 0).next = next;
  }

  // What others left undone.

  boolean hasSeatWithoutAttempt(ModelJob job) {
    return job.permit.isTaken() && !store.hasAttempt(job, job.permit);
  }

  /** The first that is blocked, if there is a permit for it; else {@link World#NONE}. */
  int firstToLetIn(World world) {
    return world.taken < bounds.permits() ? firstParked(world, bounds.jobs()) : World.NONE;
  }

  private static int firstParked(World world, int before) {
    for (var j = 0; j < before; j++) {
      if (world.jobs[j].isParked()) {
        return j;
      }
    }
    return World.NONE;
  }

  /** Makes the next step of an errand. */
  void goOn(World world, Errand errand) {
    goOn(world, errand, false);
  }

  /**
   * Makes the next step of an errand, of which the supervisor may never hear that it was made.
   *
   * @param answerLost the store does what is asked of it, and its answer is lost
   */
  void goOn(World world, Errand errand, boolean answerLost) {
    var job = world.jobs[errand.job];
    errand.wrote |= errand.step.writes();
    switch (errand.step) {
      case PUBLISH -> {
        job.record = true;
        job.told = true;
        errand.goOn(Step.CLEAR_MARK);
      }
      case CLEAR_MARK -> {
        store.clearMark(job, errand.number);
        errand.done();
      }

      case CHECK_SESSION -> checkSession(world, errand);
      case LOOK_FOR_EARLIER_GRANTS -> lookForEarlierGrants(world, errand);
      case READ_CANDIDATES -> {
        for (var j = 0; j < bounds.jobs(); j++) {
          errand.left |= world.jobs[j].isInItsHomeLine() ? 1 << j : 0;
        }
        errand.goOn(Step.READ_NEXT_CANDIDATE);
      }
      case READ_NEXT_CANDIDATE -> readNextCandidate(world, errand);
      case TAKE_SEAT ->
          errand.goOn(
              switch (store.take(world, job, errand.permit)) {
                case TAKEN -> Step.ASSIGN;
                case FULL -> Step.PARK;
                case HAS_ONE -> Step.READ_NEXT_CANDIDATE;
              });
      case ASSIGN -> {
        if (store.assign(world, errand.job, errand.permit) && !answerLost) {
          errand.attempts[errand.job] = job.attempt;
          errand.free--;
          errand.goOn(Step.READ_NEXT_CANDIDATE);
        } else {
          errand.goOn(bounds.isLimited() ? Step.FREE_SEAT : Step.READ_NEXT_CANDIDATE);
        }
      }
      case PARK ->
          errand.goOn(
              store.block(job) && guards.hold(Rule.PARK_LOOKS_AGAIN)
                  ? Step.LOOK_AT_LINE
                  : Step.READ_NEXT_CANDIDATE);

      case DECIDE -> decide(world, errand);
      case MOVE -> {
        var made =
            errand.namesAnAttempt()
                ? store.make(world, errand.move, job, errand.attempt, errand.claim())
                : store.make(world, errand.move, job);
        afterMove(world, errand, made && !answerLost);
      }
      case WRITE_EFFECT -> {
        job.addEffect(errand.permit);
        afterReport(errand);
      }
      case ANSWER -> answer(world, errand);

      case FREE_SEAT -> {
        store.free(world, job, errand.permit);
        if (guards.hold(Rule.FREE_LETS_IN)) {
          errand.goOn(Step.LOOK_AT_LINE);
        } else {
          afterLine(errand);
        }
      }
      case LOOK_AT_LINE -> {
        errand.next = firstToLetIn(world);
        if (errand.next == World.NONE) {
          afterLine(errand);
        } else {
          errand.goOn(Step.UNPARK);
        }
      }
      case UNPARK -> {
        if (store.unblock(world.jobs[errand.next])) {
          errand.next = World.NONE;
          afterLine(errand);
        } else {
          errand.goOn(Step.LOOK_AT_LINE);
        }
      }
      case PULL_EFFECT -> {
        job.pullEffect(errand.permit);
        if (guards.hold(Rule.EFFECT_STAYS_UNTIL_DONE)) {
          errand.done();
        } else {
          errand.goOn(Step.FREE_SEAT);
        }
      }
      case RAISE_TURN -> {
        if (!store.raiseTurn(job, errand.permit) && store.hasAttempt(job, errand.permit)) {
          // It was granted in between; the permit is its own.
          errand.done();
        } else {
          errand.goOn(Step.FREE_SEAT);
        }
      }

      case CALL_OFF -> {
        if (store.make(world, JobMove.CANCEL, job)) {
          job.calledOff = true;
          errand.done();
        } else {
          errand.goOn(Step.ASK_TO_STOP);
        }
      }
      case ASK_TO_STOP -> {
        if (store.askToStop(job)) {
          errand.done();
        } else {
          errand.goOn(Step.LOOK_WHETHER_ENDED);
        }
      }
      case LOOK_WHETHER_ENDED -> {
        if (ModelStore.isFinal(job.state)) {
          errand.done();
        } else if (guards.hold(Rule.CANCEL_ASKS_AGAIN)) {
          errand.goOn(Step.CALL_OFF);
        } else {
          world.breaks(Promise.ENDED_MEANS_ENDED);
          errand.done();
        }
      }

      case RAISE_EPOCH -> {
        var host = bounds.hostOf(errand.agent);
        world.epochs[host]++;
        errand.number = world.epochs[host];
        errand.goOn(guards.hold(Rule.OPENING_LOSES) ? Step.READ_WHAT_IT_HELD : Step.ANSWER);
      }
      case READ_WHAT_IT_HELD -> {
        for (var j = 0; j < bounds.jobs(); j++) {
          if (world.jobs[j].isUnderWay()
              && hostOf(world, j) == bounds.hostOf(errand.agent)
              && isToBeLost(world, j, errand)) {
            errand.left |= 1 << j;
            errand.attempts[j] = world.jobs[j].attempt;
          }
        }
        errand.goOn(Step.NEXT_IT_HELD);
      }
      case NEXT_IT_HELD -> {
        if (errand.left == 0) {
          errand.goOn(Step.ANSWER);
        } else {
          errand.job = nextOf(errand);
          errand.fence(errand.attempts[errand.job], world.jobs[errand.job].lease.claim());
          errand.attempts[errand.job] = 0;
          errand.said(Said.LOST).goOn(Step.DECIDE);
        }
      }
    }
  }

  /** Whether an opening loses what is under way; not if that is a later session's. */
  private boolean isToBeLost(World world, int j, Errand opening) {
    var job = world.jobs[j];
    var claim = job.lease.claim();
    if (world.claimEpochs[claim] >= opening.number) {
      return false;
    }
    var willBeAskedFor =
        (opening.claims & (1 << claim)) != 0 && guards.hold(Rule.OPENING_SPARES_CLAIMS);
    var wasBegun =
        opening.begun[j] == job.attempt && guards.hold(Rule.OPENING_LOSES_WHAT_WAS_BEGUN);
    return !willBeAskedFor || wasBegun;
  }

  private static int nextOf(Errand errand) {
    var next = Integer.numberOfTrailingZeros(errand.left);
    errand.left &= ~(1 << next);
    return next;
  }

  /** The host on which a job's attempt is under way. */
  int hostOf(World world, int j) {
    return bounds.hostOf(world.claimAgents[world.jobs[j].lease.claim()]);
  }

  // A claim.

  private void checkSession(World world, Errand errand) {
    var session = errand.number;
    if (session == world.epochs[bounds.hostOf(errand.agent)]
        || !guards.hold(Rule.CURRENT_SESSION_ONLY)) {
      errand.goOn(Step.LOOK_FOR_EARLIER_GRANTS);
      return;
    }
    if (world.agents[errand.agent].epoch == session) {
      sessionIsOver(world, errand.agent);
    }
    errand.done();
  }

  /** An agent hears 410 and ends. It is started anew, unless its host has another process now. */
  void sessionIsOver(World world, int agent) {
    var other = world.agents[1 - agent];
    if (bounds.hosts() == Bounds.Hosts.ONE && other.life != ModelAgent.Life.ABSENT) {
      world.agents[agent].end(ModelAgent.Life.ABSENT);
    } else {
      startAnew(world, agent);
    }
  }

  /** An agent's process ends, and another one begins. */
  void startAnew(World world, int agent) {
    if (bounds.has(Detail.NOTES)) {
      world.agents[agent].endWithNotes(ModelAgent.Life.OPENING);
    } else {
      world.agents[agent].end(ModelAgent.Life.OPENING);
    }
  }

  private void lookForEarlierGrants(World world, Errand errand) {
    var granted = false;
    for (var j = 0; j < bounds.jobs(); j++) {
      var job = world.jobs[j];
      if (job.isUnderWay()
          && job.lease.claim() == errand.claim()
          && guards.hold(Rule.SAME_CLAIM_SAME_ANSWER)) {
        errand.attempts[j] = job.attempt;
        granted = true;
      }
    }
    errand.repeated = granted;
    errand.goOn(granted ? Step.ANSWER : Step.READ_CANDIDATES);
  }

  private void readNextCandidate(World world, Errand errand) {
    errand.permit = Permit.of(errand.claim(), 0);
    while (errand.left != 0 && errand.free > 0) {
      errand.job = nextOf(errand);
      if (!bounds.isLimited()) {
        errand.goOn(Step.ASSIGN);
        return;
      }
      var job = world.jobs[errand.job];
      if (job.isInItsHomeLine() && bounds.isFor(errand.job, errand.agent)) {
        errand.permit = Permit.of(errand.claim(), job.generation);
        var overtakes = firstParked(world, errand.job) != World.NONE;
        errand.goOn(overtakes ? Step.PARK : Step.TAKE_SEAT);
        return;
      }
    }
    errand.job = 0;
    errand.goOn(Step.ANSWER);
  }

  // An attempt's end.

  private void decide(World world, Errand errand) {
    var decided = moveFor(world.jobs[errand.job], errand);
    if (decided.isPresent()) {
      errand.move(decided.get()).goOn(Step.MOVE);
      return;
    }
    errand.freesNothing = true;
    afterReport(errand);
  }

  /** The move that what was said of an attempt leads to; empty if the attempt is over. */
  private Optional<JobMove> moveFor(ModelJob job, Errand errand) {
    var move =
        job.isUnderWay()
            ? switch (errand.said) {
              case SUCCEEDED -> SUCCEED;
              case STOPPED -> STOP;
              case FAILED -> retryOrFail(job);
              case LOST -> job.stop ? STOP : bounds.retryLost() ? retryOrFail(job) : FAIL;
              case GIVEN_BACK ->
                  job.stop && guards.hold(Rule.GIVE_BACK_DEMANDS_NO_STOP)
                      ? STOP
                      : job.givenBack < Bounds.MOST_GIVEN_BACK ? GIVE_BACK : retryOrFail(job);
            }
            : SUCCEED_LATE;
    var isSaid = job.isUnderWay() || errand.said == Said.SUCCEEDED;
    return isSaid
            && guards.allow(move, job.state)
            && guards.accept(move, job, errand.attempt, errand.claim())
            && !ModelStore.isFinal(job.state)
        ? Optional.of(move)
        : Optional.empty();
  }

  private JobMove retryOrFail(ModelJob job) {
    var attemptsLeft =
        job.attempt - job.givenBack < bounds.maxAttempts()
            || !guards.hold(Rule.ATTEMPTS_ARE_COUNTED);
    return attemptsLeft && !(job.stop && guards.hold(Rule.RETRY_DEMANDS_NO_STOP)) ? RETRY : FAIL;
  }

  private void afterMove(World world, Errand errand, boolean made) {
    var job = world.jobs[errand.job];
    switch (errand.kind) {
      case START -> {
        // Said twice, it is as right as the first time.
        var runs =
            job.state == JobState.RUNNING
                && guards.accept(START, job, errand.attempt, errand.claim());
        if (!made && !runs) {
          forget(world, errand);
        }
        errand.done();
      }
      case REPORT, OPEN -> {
        if (!made) {
          errand.goOn(Step.DECIDE);
          return;
        }
        if (errand.said == Said.LOST) {
          job.givenUp |= 1 << errand.attempt;
        }
        attemptEnded(errand, job.lease);
      }
      case FORCE -> {
        if (made) {
          attemptEnded(errand, job.lease);
        } else {
          errand.done();
        }
      }
      case REGAIN, LOSE_TOUCH, COME_DUE -> errand.done();
      case IDLE, CREATE, ANNOUNCE, CLAIM, CANCEL, EFFECT, REAP, LET_IN ->
          throw new IllegalStateException(errand + " makes no move.");
    }
  }

  private void attemptEnded(Errand errand, Permit lease) {
    if (bounds.isLimited() && errand.move != SUCCEED_LATE) {
      errand.permit = lease;
      if (!guards.hold(Rule.EFFECT_WITH_THE_MOVE)) {
        errand.goOn(Step.WRITE_EFFECT);
        return;
      }
    } else {
      errand.freesNothing = true;
    }
    afterReport(errand);
  }

  /** Answers who reported, and does the effect at once if there is one. */
  private void afterReport(Errand errand) {
    if (errand.kind == Kind.OPEN) {
      // The effects are left to the sweep: one errand is not to hold up an opening.
      errand.freesNothing = false;
      errand.job = 0;
      errand.fence(0, 0).goOn(Step.NEXT_IT_HELD);
    } else if (errand.agent != Errand.NOBODY) {
      errand.goOn(Step.ANSWER);
    } else if (errand.freesNothing) {
      errand.done();
    } else {
      errand.goOn(beginOfEffect());
    }
  }

  private void afterLine(Errand errand) {
    switch (errand.kind) {
      case CLAIM -> errand.goOn(Step.READ_NEXT_CANDIDATE);
      case REPORT, FORCE, EFFECT -> {
        if (guards.hold(Rule.EFFECT_STAYS_UNTIL_DONE)) {
          errand.goOn(Step.PULL_EFFECT);
        } else {
          errand.done();
        }
      }
      case REAP, LET_IN -> errand.done();
      case IDLE, CREATE, ANNOUNCE, START, REGAIN, LOSE_TOUCH, OPEN, COME_DUE, CANCEL ->
          throw new IllegalStateException(errand + " has nothing to do with a queue.");
    }
  }

  // Answers.

  private void answer(World world, Errand errand) {
    switch (errand.kind) {
      case CLAIM -> {
        answerClaim(world, errand);
        errand.done();
      }
      case OPEN -> {
        var agent = world.agents[errand.agent];
        // The answer to what its process has sent, and not to what an earlier one had.
        if (agent.life == ModelAgent.Life.OPENING
            && agent.open == errand.claims
            && Arrays.equals(agent.begun, errand.begun)) {
          agent.begun[0] = 0;
          agent.begun[1] = 0;
          agent.life = ModelAgent.Life.OPEN;
          agent.epoch = errand.number;
          agent.heard = bounds.has(Detail.ANNOUNCEMENTS) && guards.hold(Rule.SYNC);
        }
        errand.done();
      }
      case REPORT -> {
        forget(world, errand);
        if (errand.freesNothing) {
          errand.done();
        } else {
          errand.goOn(beginOfEffect());
        }
      }
      case IDLE,
          CREATE,
          ANNOUNCE,
          START,
          REGAIN,
          LOSE_TOUCH,
          COME_DUE,
          CANCEL,
          FORCE,
          EFFECT,
          REAP,
          LET_IN ->
          throw new IllegalStateException(errand + " answers nobody.");
    }
  }

  private void answerClaim(World world, Errand errand) {
    var agent = world.agents[errand.agent];
    // An answer to what an earlier process asked reaches nobody, although the claim is the same.
    if (agent.life != ModelAgent.Life.OPEN
        || agent.epoch != errand.number
        || agent.awaits != errand.claim()) {
      return;
    }
    agent.awaits = 0;
    agent.isAnswered(errand.claim());
    // Whether there is more; where it was not looked, it is said so.
    agent.heard |= bounds.has(Detail.ANNOUNCEMENTS) && (errand.left != 0 || errand.repeated);
    for (var j = 0; j < errand.attempts.length; j++) {
      if (errand.attempts[j] > 0) {
        agent.holds.add(new Hold(j, errand.attempts[j], errand.claim(), Hold.Phase.ORDERED));
      }
    }
  }

  private static void forget(World world, Errand errand) {
    if (errand.agent != Errand.NOBODY) {
      world.agents[errand.agent].forget(errand.job, errand.attempt, errand.claim());
    }
  }
}
