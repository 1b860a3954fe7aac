package io.capataz.supervisor.model;

import io.capataz.supervisor.job.JobState;
import io.capataz.supervisor.model.Bounds.Mishap;
import io.capataz.supervisor.model.Guard.Rule;
import io.capataz.supervisor.model.ModelAgent.Life;
import java.util.EnumMap;
import java.util.Map;

/** The protocol of {@code docs/queue.md}: from one world to all that may be next. */
final class Model {

  /** What may happen next, by kind, and in the order in which it happens when all is calm. */
  enum Part {
    /** A supervisor makes its next step. */
    STEPS,
    /** A call reaches a supervisor. */
    CALLS,
    SCRIPTS,
    HEARTBEATS,
    OPENINGS,
    /** What time brings: a pause is over, silence has lasted. */
    CLOCK,
    /** Sweeps: what others left undone. */
    EFFECTS,
    REAPER,
    QUEUES,
    MARKS,
    RECORDS,
    CLAIMS,
    SYNC,
    /** What people wish. */
    WISHES,
    /** What goes wrong. */
    MISHAPS;

    static final Part[] ALL = values();
  }

  private final Bounds bounds;
  private final Guards guards;
  private final ModelSupervisor supervisor;
  private final Agents agents;
  private final Map<Errand.Kind, String> steps = new EnumMap<>(Errand.Kind.class);

  Model(Bounds bounds, Guards guards) {
    this.bounds = bounds;
    this.guards = guards;
    this.supervisor = new ModelSupervisor(bounds, guards);
    this.agents = new Agents(bounds, guards, supervisor);
    for (var kind : Errand.Kind.ALL) {
      steps.put(kind, "a supervisor goes on with: " + Errand.words(kind));
    }
  }

  Bounds bounds() {
    return bounds;
  }

  void next(World world, Next next) {
    for (var part : Part.ALL) {
      next(world, part, next);
    }
  }

  void next(World world, Part part, Next next) {
    switch (part) {
      case STEPS -> goOn(world, next);
      case CALLS -> deliver(world, next);
      case SCRIPTS -> eachAgent(a -> agents.runScripts(world, a, next));
      case HEARTBEATS -> eachAgent(a -> agents.beat(world, a, next));
      case OPENINGS -> eachAgent(a -> agents.open(world, a, next));
      case CLOCK -> eachJob(world, next, this::timePasses);
      case EFFECTS -> eachJob(world, next, this::doEffects);
      case REAPER -> eachJob(world, next, this::reap);
      case QUEUES -> letIn(world, next);
      case MARKS -> eachJob(world, next, this::announce);
      case RECORDS -> eachAgent(a -> agents.hearRecords(world, a, next));
      case CLAIMS -> eachAgent(a -> agents.claim(world, a, next));
      case SYNC -> eachAgent(a -> agents.sync(world, a, next));
      case WISHES -> eachJob(world, next, this::wish);
      case MISHAPS -> goWrong(world, next);
    }
  }

  private interface OfAgent {
    void next(int agent);
  }

  private interface OfJob {
    void next(World world, int j, Next next);
  }

  private void eachAgent(OfAgent part) {
    for (var a = 0; a < 2; a++) {
      part.next(a);
    }
  }

  /** What a supervisor that has nothing else to do may begin. */
  private void eachJob(World world, Next next, OfJob part) {
    if (world.hasIdleSupervisor()) {
      for (var j = 0; j < bounds.jobs(); j++) {
        part.next(world, j, next);
      }
    }
  }

  private void goOn(World world, Next next) {
    for (var i = 0; i < world.errands.length; i++) {
      if (world.errands[i].kind != Errand.Kind.IDLE) {
        var after = next.world();
        supervisor.goOn(after, after.errands[i]);
        next.is(after, steps.getOrDefault(world.errands[i].kind, ""));
      }
    }
  }

  private void deliver(World world, Next next) {
    if (!world.hasIdleSupervisor()) {
      return;
    }
    for (var call : world.messages) {
      var after = next.world();
      after.messages.remove(call);
      supervisor.take(after, call);
      next.is(after, "a call arrives");
      if (world.has(Mishap.DUPLICATE)) {
        var again = next.world();
        again.spend(Mishap.DUPLICATE);
        supervisor.take(again, call);
        next.is(again, "a call arrives that will arrive once more");
      }
    }
  }

  /** Whether a sweep may care for a job: if another supervisor is about it, only in haste. */
  private static boolean mayBegin(World world, int j) {
    return !isInHand(world, j) || world.has(Mishap.HASTE);
  }

  private static World begin(World world, int j, Next next) {
    var after = next.world();
    if (isInHand(world, j)) {
      after.spend(Mishap.HASTE);
    }
    return after;
  }

  private static boolean isInHand(World world, int j) {
    for (var errand : world.errands) {
      if (errand.isAbout(j)) {
        return true;
      }
    }
    return false;
  }

  private void timePasses(World world, int j, Next next) {
    var job = world.jobs[j];
    if (!job.posted) {
      return;
    }
    if (job.state == JobState.SCHEDULED && mayBegin(world, j)) {
      var after = begin(world, j, next);
      supervisor.comeDue(after, j);
      next.is(after, "a pause is found to be over");
    } else if (job.state == JobState.SILENT && mayBegin(world, j)) {
      var after = begin(world, j, next);
      supervisor.giveUp(after, j);
      next.is(after, "an attempt is found to be silent for too long");
    }
  }

  private void doEffects(World world, int j, Next next) {
    if (guards.hold(Rule.EFFECT_SWEEP) && world.jobs[j].toFree[0].isTaken() && mayBegin(world, j)) {
      var after = begin(world, j, next);
      supervisor.doEffect(after, j);
      next.is(after, "an effect is found that was not done");
    }
  }

  private void reap(World world, int j, Next next) {
    if (guards.hold(Rule.REAPER)
        && supervisor.hasSeatWithoutAttempt(world.jobs[j])
        && mayBegin(world, j)) {
      var after = begin(world, j, next);
      supervisor.reap(after, j);
      next.is(after, "a permit is found that has no attempt");
    }
  }

  private void letIn(World world, Next next) {
    if (bounds.isLimited() && guards.hold(Rule.LINE_SWEEP) && world.hasIdleSupervisor()) {
      var first = supervisor.firstToLetIn(world);
      if (first != World.NONE && mayBegin(world, first)) {
        var after = begin(world, first, next);
        supervisor.letIn(after, first);
        next.is(after, "a queue is found that has a free permit");
      }
    }
  }

  private void announce(World world, int j, Next next) {
    if (guards.hold(Rule.ANNOUNCE_SWEEP) && world.jobs[j].outbox > 0 && mayBegin(world, j)) {
      var after = begin(world, j, next);
      supervisor.announce(after, j);
      next.is(after, "a mark is found");
    }
  }

  private void wish(World world, int j, Next next) {
    var job = world.jobs[j];
    if (!job.posted) {
      if (j == 0 || world.jobs[j - 1].posted) {
        var after = next.world();
        supervisor.create(after, j);
        next.is(after, "a job is posted");
      }
      return;
    }
    if (world.has(Mishap.CANCEL)) {
      var after = next.world();
      after.spend(Mishap.CANCEL);
      supervisor.cancel(after, j);
      next.is(after, "a job is to be canceled");
    }
    if (world.has(Mishap.FORCE)) {
      var after = next.world();
      after.spend(Mishap.FORCE);
      supervisor.force(after, j);
      next.is(after, "a job is to be ended by force");
    }
  }

  private void goWrong(World world, Next next) {
    if (world.has(Mishap.CRASH)) {
      crash(world, next);
    }
    if (world.has(Mishap.LOSS)) {
      lose(world, next);
    }
    for (var a = 0; a < world.agents.length; a++) {
      var agent = world.agents[a];
      if (world.has(Mishap.RESTART) && agent.life == Life.OPEN) {
        var after = next.world();
        after.spend(Mishap.RESTART);
        supervisor.startAnew(after, a);
        next.is(after, "an agent dies and is started anew");
      }
      if (world.has(Mishap.SECOND_PROCESS) && agent.life == Life.ABSENT) {
        var after = next.world();
        after.spend(Mishap.SECOND_PROCESS);
        after.agents[a].life = Life.OPENING;
        next.is(after, "a second process of an agent begins");
      }
    }
    if (world.has(Mishap.SILENCE) && world.hasIdleSupervisor()) {
      for (var j = 0; j < bounds.jobs(); j++) {
        if (world.jobs[j].isUnderWay() && world.jobs[j].state != JobState.SILENT) {
          var after = next.world();
          after.spend(Mishap.SILENCE);
          supervisor.markSilent(after, j);
          next.is(after, "an agent is found to be silent");
        }
      }
    }
  }

  private static void crash(World world, Next next) {
    for (var i = 0; i < world.errands.length; i++) {
      if (world.errands[i].kind != Errand.Kind.IDLE && world.errands[i].wrote) {
        var after = next.world();
        after.spend(Mishap.CRASH);
        after.errands[i].done();
        next.is(after, "a supervisor dies");
      }
    }
  }

  private void lose(World world, Next next) {
    for (var call : world.messages) {
      var after = next.world();
      after.spend(Mishap.LOSS);
      after.messages.remove(call);
      next.is(after, "a call is lost");
    }
    for (var j = 0; j < bounds.jobs(); j++) {
      if (world.jobs[j].record) {
        var after = next.world();
        after.spend(Mishap.LOSS);
        after.jobs[j].record = false;
        next.is(after, "a record is lost");
      }
    }
    if (!guards.hold(Rule.MOVE_LEAVES_A_TRACE)) {
      // With the trace it makes no difference that the answer is lost: the store is asked again.
      for (var i = 0; i < world.errands.length; i++) {
        var step = world.errands[i].step;
        if (world.errands[i].kind != Errand.Kind.IDLE
            && (step == Errand.Step.ASSIGN || step == Errand.Step.MOVE)) {
          var after = next.world();
          after.spend(Mishap.LOSS);
          supervisor.goOn(after, after.errands[i], true);
          next.is(after, "the store's answer is lost, and what was asked is taken for refused");
        }
      }
    }
  }
}
