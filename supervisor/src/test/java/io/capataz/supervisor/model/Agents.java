package io.capataz.supervisor.model;

import io.capataz.supervisor.job.JobState;
import io.capataz.supervisor.model.Bounds.Detail;
import io.capataz.supervisor.model.Bounds.Mishap;
import io.capataz.supervisor.model.Guard.Rule;
import io.capataz.supervisor.model.Hold.Phase;
import io.capataz.supervisor.model.ModelAgent.Life;

/** What agents do by themselves. Each method is one thing that may happen next. */
public final class Agents {

  private final Bounds bounds;
  private final Guards guards;
  private final ModelSupervisor supervisor;

  Agents(Bounds bounds, Guards guards, ModelSupervisor supervisor) {
    this.bounds = bounds;
    this.guards = guards;
    this.supervisor = supervisor;
  }

  /** Scripts are started and end; what is to be said is said, and said again until answered. */
  void runScripts(World world, int a, Next next) {
    var agent = world.agents[a];
    if (agent.life != Life.OPEN) {
      return;
    }
    for (var hold : agent.holds) {
      switch (hold.phase()) {
        case ORDERED -> {
          start(next.world(), a, hold, next);
          if (world.has(Mishap.GIVE_BACK)) {
            var after = next.world();
            after.spend(Mishap.GIVE_BACK);
            say(after, a, hold, Phase.GIVEN_BACK);
            next.is(after, "an agent cannot begin and gives back");
          }
        }
        case RUNS -> {
          var well = next.world();
          say(well, a, hold, Phase.SUCCEEDED);
          next.is(well, "a script ends well");
          if (world.has(Mishap.FAILURE)) {
            var badly = next.world();
            badly.spend(Mishap.FAILURE);
            say(badly, a, hold, Phase.FAILED);
            next.is(badly, "a script fails");
          }
        }
        case SUCCEEDED, FAILED, STOPPED, GIVEN_BACK -> {
          var call = callAbout(hold, a);
          if (mayBeRepeated(world, call)) {
            var after = next.world();
            after.send(call);
            next.is(after, "an agent reports again");
          }
        }
      }
    }
  }

  private void start(World world, int a, Hold hold, Next next) {
    var job = world.jobs[hold.job()];
    var agent = world.agents[a];
    agent.replace(hold, hold.in(Phase.RUNS));
    if (bounds.has(Detail.STARTS)) {
      world.send(Message.about(hold, a, Message.Kind.STARTED));
    }
    job.starts++;
    var givenUp = (job.givenUp & (1 << hold.attempt())) != 0;
    if (job.starts > bounds.maxAttempts()) {
      world.breaks(Promise.STARTS_ARE_COUNTED);
    }
    if (job.calledOff && !givenUp) {
      world.breaks(Promise.CANCELED_NEVER_STARTS);
    }
    if (world.claimAgents[hold.claim()] != a || world.claimEpochs[hold.claim()] != agent.epoch) {
      world.breaks(Promise.START_NEEDS_A_GRANT);
    }
    next.is(world, "a script is started");
  }

  private static void say(World world, int a, Hold hold, Phase phase) {
    world.agents[a].replace(hold, hold.in(phase));
    world.send(callAbout(hold.in(phase), a));
  }

  private static Message callAbout(Hold hold, int a) {
    var kind =
        switch (hold.phase()) {
          case SUCCEEDED -> Message.Kind.SUCCEEDED;
          case FAILED -> Message.Kind.FAILED;
          case STOPPED -> Message.Kind.STOPPED;
          case GIVEN_BACK -> Message.Kind.GIVEN_BACK;
          case ORDERED, RUNS -> throw new IllegalStateException(hold + " has not ended.");
        };
    return Message.about(hold, a, kind);
  }

  /** Whether a call, or its answer, has been lost. */
  private boolean mayBeRepeated(World world, Message call) {
    return guards.hold(Rule.CALL_IS_REPEATED) && !isOnItsWay(world, call);
  }

  private static boolean isOnItsWay(World world, Message call) {
    return world.messages.stream().anyMatch(call::isSameCallAs) || isInHand(world, call);
  }

  private static boolean isInHand(World world, Message call) {
    for (var errand : world.errands) {
      var same =
          switch (call.kind()) {
            case OPEN -> errand.kind == Errand.Kind.OPEN;
            case CLAIM ->
                errand.kind == Errand.Kind.CLAIM
                    && errand.claim() == call.claim()
                    && errand.number == call.job();
            case STARTED, SUCCEEDED, FAILED, STOPPED, GIVEN_BACK ->
                errand.kind == Errand.Kind.REPORT
                    && errand.job == call.job()
                    && errand.attempt == call.attempt();
          };
      if (same && errand.agent == call.agent()) {
        return true;
      }
    }
    return false;
  }

  /**
   * Heartbeats: a session is found to be over, an attempt is forgotten, stopped, regained, or given
   * back because the agent does not know it.
   */
  void beat(World world, int a, Next next) {
    var agent = world.agents[a];
    if (agent.life != Life.OPEN
        || (agent.open != 0 && guards.hold(Rule.CLAIMS_COME_BEFORE_BEATS))) {
      return;
    }
    if (agent.epoch != world.epochs[bounds.hostOf(a)] && guards.hold(Rule.CURRENT_SESSION_ONLY)) {
      var after = next.world();
      supervisor.sessionIsOver(after, a);
      next.is(after, "an agent hears that its session is over, and ends");
      return;
    }
    for (var hold : agent.holds) {
      beatFor(world, a, hold, next);
    }
    for (var j = 0; j < bounds.jobs(); j++) {
      findUnknown(world, a, j, next);
    }
  }

  private void beatFor(World world, int a, Hold hold, Next next) {
    var job = world.jobs[hold.job()];
    var itsOwn =
        job.isUnderWay() && job.attempt == hold.attempt() && job.lease.claim() == hold.claim();
    var begun = hold.phase() == Phase.ORDERED || hold.phase() == Phase.RUNS;
    if (!itsOwn) {
      var after = next.world();
      after.agents[a].forget(hold.job(), hold.attempt(), hold.claim());
      next.is(after, "an agent hears that an attempt is not its own any more, and forgets it");
    } else if (job.stop && begun) {
      var after = next.world();
      say(after, a, hold, Phase.STOPPED);
      next.is(after, "an agent hears that it is to stop");
    } else if (job.state == JobState.SILENT && world.hasIdleSupervisor()) {
      var after = next.world();
      supervisor.reconnect(after, hold);
      next.is(after, "a silent agent is heard again");
    }
  }

  /**
   * What an agent does not know long after it was granted, or since an earlier session, is lost. It
   * may still come to know it, if the answer to its claim is that late.
   */
  private void findUnknown(World world, int a, int j, Next next) {
    var job = world.jobs[j];
    var agent = world.agents[a];
    var claim = job.lease.claim();
    if (!guards.hold(Rule.UNKNOWN_IS_LOST)
        || !job.isUnderWay()
        || supervisor.hostOf(world, j) != bounds.hostOf(a)
        || agent.holds(j, job.attempt, claim)
        || !world.hasIdleSupervisor()) {
      return;
    }
    var isLate = agent.awaits == claim;
    if (!isLate || world.has(Mishap.SILENCE)) {
      var after = next.world();
      if (isLate) {
        after.spend(Mishap.SILENCE);
      }
      supervisor.giveUp(after, j);
      next.is(after, "an agent does not know what it was granted");
    }
  }

  void open(World world, int a, Next next) {
    var agent = world.agents[a];
    var call = Message.open(a, agent.open, agent.begun);
    if (agent.life == Life.OPENING && !isOnItsWay(world, call)) {
      var after = next.world();
      after.send(call);
      next.is(after, "an agent opens a session");
    }
  }

  void hearRecords(World world, int a, Next next) {
    if (world.agents[a].life != Life.OPEN) {
      return;
    }
    for (var j = 0; j < bounds.jobs(); j++) {
      if (world.jobs[j].record && bounds.isFor(j, a)) {
        var after = next.world();
        after.jobs[j].record = false;
        after.agents[a].heard = true;
        next.is(after, "an agent reads a record");
        if (world.has(Mishap.DUPLICATE)) {
          var again = next.world();
          again.spend(Mishap.DUPLICATE);
          again.agents[a].heard = true;
          next.is(again, "an agent reads a record that will be read once more");
        }
      }
    }
  }

  void claim(World world, int a, Next next) {
    var agent = world.agents[a];
    if (agent.life != Life.OPEN) {
      return;
    }
    var free = bounds.slots() - agent.holds.size();
    if (agent.awaits > 0) {
      var call = Message.claim(a, agent.epoch, agent.awaits, free);
      if (mayBeRepeated(world, call)) {
        var after = next.world();
        after.send(call);
        next.is(after, "an agent repeats its claim");
      }
    } else if (agent.open != 0) {
      var after = next.world();
      var claim = Integer.numberOfTrailingZeros(agent.open);
      after.agents[a].awaits = claim;
      after.claimEpochs[claim] = agent.epoch;
      after.send(Message.claim(a, agent.epoch, claim, free));
      next.is(after, "an agent makes a claim of its earlier life again");
    } else if (free > 0 && (agent.heard || knowsByItself(world, a))) {
      var after = next.world();
      var claim = after.newClaim(a);
      if (claim > 0) {
        after.agents[a].awaits = claim;
        after.agents[a].heard = false;
        after.send(Message.claim(a, agent.epoch, claim, free));
        next.is(after, "an agent claims");
      }
    }
  }

  private boolean knowsByItself(World world, int a) {
    if (!bounds.has(Detail.ANNOUNCEMENTS)) {
      for (var j = 0; j < bounds.jobs(); j++) {
        if (world.jobs[j].isInItsHomeLine() && bounds.isFor(j, a)) {
          return true;
        }
      }
    }
    return false;
  }

  /** Told only where it makes a difference: something waits of which no record is on its way. */
  void sync(World world, int a, Next next) {
    var agent = world.agents[a];
    if (agent.life != Life.OPEN
        || agent.heard
        || !bounds.has(Detail.ANNOUNCEMENTS)
        || !guards.hold(Rule.SYNC)) {
      return;
    }
    for (var j = 0; j < bounds.jobs(); j++) {
      var job = world.jobs[j];
      if (job.isInItsHomeLine() && !job.record && bounds.isFor(j, a)) {
        var after = next.world();
        after.agents[a].heard = true;
        next.is(after, "an agent asks what waits");
        return;
      }
    }
  }
}
