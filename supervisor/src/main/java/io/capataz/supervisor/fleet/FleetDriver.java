package io.capataz.supervisor.fleet;

import io.capataz.supervisor.web.ApiProblem;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.data.mongodb.core.query.Update;
import org.springframework.stereotype.Component;

/**
 * Decides what comes next in fleet runs. Any number of supervisors do, at any time: a decision is a
 * compare-and-set of the run, so two of them never decide on the same state of it. What was decided
 * about hosts stands in the run until it is done; whoever finds it there does it before anything
 * else is decided.
 */
@Component
class FleetDriver {

  private static final Logger log = LoggerFactory.getLogger(FleetDriver.class);

  /** As many decisions as a run may need at once; more come with the next look. */
  private static final int MOST_STEPS = 1_000;

  private static final Duration AFTER_REFUSAL = Duration.ofSeconds(10);

  private final FleetRuns runs;
  private final FleetHosts hosts;
  private final NextHosts next;
  private final FleetGrants grants;
  private final FleetEnds ends;
  private final InstantSource clock;

  /** The runs at which a thread looks, and whether it has to look again after that. */
  private final Map<String, Boolean> looking = new ConcurrentHashMap<>();

  FleetDriver(
      FleetRuns runs,
      FleetHosts hosts,
      NextHosts next,
      FleetGrants grants,
      FleetEnds ends,
      InstantSource clock) {
    this.runs = runs;
    this.hosts = hosts;
    this.next = next;
    this.grants = grants;
    this.ends = ends;
    this.clock = clock;
  }

  /** Decides what can be decided. A thread that is at it in this process does it for others. */
  void look(String run) {
    if (Boolean.TRUE.equals(looking.compute(run, (_, at) -> at != null))) {
      return;
    }
    var done = false;
    try {
      do {
        go(run, false);
      } while (looking.computeIfPresent(run, (_, again) -> again ? false : null) != null);
      done = true;
    } finally {
      if (!done) {
        looking.remove(run);
      }
    }
  }

  /** Also sees after hosts that are off, and jobs that nobody claims. */
  void sweep(String run) {
    go(run, true);
  }

  private void go(String id, boolean sweeping) {
    try {
      var returned = sweeping;
      for (var steps = 0; steps < MOST_STEPS; steps++) {
        var run = runs.find(id).filter(it -> it.course().frozen() && !it.isClosed());
        if (run.isEmpty() || !step(run.get(), returned)) {
          return;
        }
        returned &= !run.get().course().granted().isEmpty();
      }
    } catch (ApiProblem full) {
      // There will be room again.
      runs.lookAt(id, clock.instant().plus(AFTER_REFUSAL));
      log.atInfo()
          .addKeyValue("run", id)
          .addKeyValue("reason", full.code())
          .log("a fleet run has to wait");
    }
  }

  /**
   * Makes one decision, or does what was decided.
   *
   * @return whether there may be another one
   */
  private boolean step(FleetRun run, boolean sweeping) {
    var course = run.course();
    if (!course.granted().isEmpty()) {
      grants.finish(run);
      return true;
    }
    if (course.cancel() != null) {
      return ends.cancel(run, sweeping);
    }
    if (sweeping) {
      ends.giveUpWaiting(run);
      ends.recall(run);
    }
    if (course.pause() != null) {
      return ends.close(run);
    }
    var room = next.room(run);
    if (room.isSpent()) {
      return ends.spent(run);
    }
    var granted = next.grants(run, room, sweeping);
    if (!granted.isEmpty()) {
      var _ = runs.decide(run, new Update().set("course.granted", granted), null);
      return true;
    }
    return isWaveOver(run) && afterWave(run);
  }

  /** First what is under way: a host may come back to its turn, and is seen there. */
  private boolean isWaveOver(FleetRun run) {
    return List.of(Stage.RUNNING, Stage.TO_COME).stream()
        .noneMatch(stage -> hosts.isAnyBefore(run.id(), stage, run.end()));
  }

  private boolean afterWave(FleetRun run) {
    if (run.isInLastWave()) {
      return ends.close(run);
    }
    var course = run.course();
    if (course.gate()) {
      return false;
    }
    if (run.needsApproval()) {
      var note = runs.note("asked", FleetRun.SUPERVISOR, "wave " + (course.wave() + 2));
      return runs.decide(run, new Update().set("course.gate", true), note).isEmpty();
    }
    var now = clock.instant();
    if (course.next() == null && run.wish().between() > 0) {
      var at = now.plusSeconds(run.wish().between());
      return runs.decide(run, new Update().set("course.next", at), null).isEmpty();
    }
    if (course.next() != null && course.next().isAfter(now)) {
      return false;
    }
    var _ = beginWave(run, FleetRun.SUPERVISOR);
    return true;
  }

  /** Lets the next wave begin; false if somebody has decided something meanwhile. */
  boolean beginWave(FleetRun run, String by) {
    var update =
        new Update()
            .set("course.wave", run.course().wave() + 1)
            .set("course.gate", false)
            .unset("course.next");
    var note = runs.note("wave", by, "wave " + (run.course().wave() + 2));
    return runs.decide(run, update, note).isPresent();
  }
}
