package io.capataz.supervisor.fleet;

import io.capataz.supervisor.runtime.Round;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/** Continues fleet runs that a supervisor left behind, and those that are due for another look. */
@Component
class FleetSweep {

  private static final Logger log = LoggerFactory.getLogger(FleetSweep.class);

  private static final int AT_ONCE = 100;

  /** How often an open run is looked at. */
  private static final Duration LOOK = Duration.ofSeconds(5);

  /** For how long runs are kept after their end. */
  private static final Duration KEPT = Duration.ofDays(90);

  private final FleetRuns runs;
  private final NewFleetRuns newRuns;
  private final FleetDriver driver;
  private final InstantSource clock;

  FleetSweep(FleetRuns runs, NewFleetRuns newRuns, FleetDriver driver, InstantSource clock) {
    this.runs = runs;
    this.newRuns = newRuns;
    this.driver = driver;
    this.clock = clock;
  }

  @Scheduled(fixedDelayString = "PT1S")
  void sweep() {
    var round = Round.ofSweep();
    for (var run : runs.due(AT_ONCE)) {
      try {
        look(run);
      } catch (RuntimeException failure) {
        runs.lookAt(run.id(), clock.instant().plus(LOOK));
        log.atWarn()
            .setCause(failure)
            .addKeyValue("run", run.id())
            .log("fleet run left to a later sweep");
      }
      if (round.isOver()) {
        return;
      }
    }
    runs.closedBefore(clock.instant().minus(KEPT), 1).forEach(newRuns::remove);
  }

  private void look(FleetRun run) {
    if (!run.course().frozen()) {
      newRuns.giveUp(run);
      return;
    }
    runs.lookAt(run.id(), later(run));
    driver.sweep(run.id());
  }

  private Instant later(FleetRun run) {
    var look = clock.instant().plus(LOOK);
    var next = run.course().next();
    return next != null && next.isAfter(clock.instant()) && next.isBefore(look) ? next : look;
  }
}
