package io.capataz.supervisor.health;

import io.capataz.supervisor.access.Allow;
import io.capataz.supervisor.web.ApiProblem;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.availability.ApplicationAvailability;
import org.springframework.boot.availability.ReadinessState;
import org.springframework.dao.DataAccessException;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** Liveness and readiness. */
@RestController
class HealthController {

  private static final Logger log = LoggerFactory.getLogger(HealthController.class);

  /** Anybody may ask, as often as they like; the store is not asked more often than this. */
  private static final Duration FRESH = Duration.ofSeconds(1);

  private final ApplicationAvailability availability;
  private final WriteProbes probes;
  private final InstantSource clock;
  private boolean writable = true;
  private Instant testedAt = Instant.MIN;

  HealthController(ApplicationAvailability availability, WriteProbes probes, InstantSource clock) {
    this.availability = availability;
    this.probes = probes;
    this.clock = clock;
  }

  /** {@code GET /livez}: 200 as long as the process responds at all. */
  @GetMapping("/livez")
  @Allow(value = Allow.Who.ANYONE, counted = false)
  Map<String, String> live() {
    return Map.of("status", "live");
  }

  /**
   * {@code GET /readyz}: 200 if requests can be served, otherwise 503. The store is asked to write.
   * The broker is not checked: without it jobs still run, only slower.
   */
  @GetMapping("/readyz")
  @Allow(value = Allow.Who.ANYONE, counted = false)
  Map<String, String> ready() {
    if (availability.getReadinessState() != ReadinessState.ACCEPTING_TRAFFIC) {
      throw ApiProblem.unavailable("The supervisor is starting or stopping.");
    }
    if (!isWritable()) {
      throw ApiProblem.unavailable("The store is not responding, or takes no writes.");
    }
    return Map.of("status", "ready");
  }

  /** Those who ask while the store is being asked get the same answer. */
  private synchronized boolean isWritable() {
    var now = clock.instant();
    if (now.isBefore(testedAt.plus(FRESH))) {
      return writable;
    }
    var before = writable;
    try {
      probes.write(now);
      writable = true;
      if (!before) {
        log.atInfo().log("store takes writes again; ready");
      }
    } catch (DataAccessException e) {
      writable = false;
      if (before) {
        log.atWarn()
            .addKeyValue("failure", String.valueOf(e.getMessage()))
            .log("store takes no writes; not ready");
      }
    }
    testedAt = clock.instant();
    return writable;
  }
}
