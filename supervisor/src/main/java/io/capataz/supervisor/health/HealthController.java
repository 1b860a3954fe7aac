package io.capataz.supervisor.health;

import io.capataz.supervisor.access.Allow;
import io.capataz.supervisor.web.ApiProblem;
import java.util.Map;
import org.bson.Document;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.availability.ApplicationAvailability;
import org.springframework.boot.availability.ReadinessState;
import org.springframework.dao.DataAccessException;
import org.springframework.data.mongodb.core.MongoOperations;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** Liveness and readiness. */
@RestController
class HealthController {

  private static final Logger log = LoggerFactory.getLogger(HealthController.class);

  private final ApplicationAvailability availability;
  private final MongoOperations mongo;

  HealthController(ApplicationAvailability availability, MongoOperations mongo) {
    this.availability = availability;
    this.mongo = mongo;
  }

  /** {@code GET /livez}: 200 as long as the process responds at all. */
  @GetMapping("/livez")
  @Allow(value = Allow.Who.ANYONE, counted = false)
  Map<String, String> live() {
    return Map.of("status", "live");
  }

  /**
   * {@code GET /readyz}: 200 if requests can be served, otherwise 503. The broker is not checked:
   * without it jobs still run, only slower.
   */
  @GetMapping("/readyz")
  @Allow(value = Allow.Who.ANYONE, counted = false)
  Map<String, String> ready() {
    if (availability.getReadinessState() != ReadinessState.ACCEPTING_TRAFFIC) {
      throw ApiProblem.unavailable("The supervisor is starting or stopping.");
    }
    try {
      mongo.executeCommand(new Document("ping", 1));
    } catch (DataAccessException e) {
      log.atWarn().setCause(e).log("store not responding");
      throw ApiProblem.unavailable("The store is not responding.");
    }
    return Map.of("status", "ready");
  }
}
