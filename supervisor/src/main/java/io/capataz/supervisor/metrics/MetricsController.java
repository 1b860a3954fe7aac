package io.capataz.supervisor.metrics;

import io.capataz.common.command.UsageError;
import io.capataz.supervisor.access.Allow;
import io.capataz.supervisor.web.ApiProblem;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RestController;

/**
 * What Prometheus reads. The figures are those of the whole installation, of every organization, so
 * no token of an organization opens them but one of the operator's own.
 */
@RestController
class MetricsController {

  private static final String FORMAT = "text/plain; version=0.0.4; charset=utf-8";

  private static final int SHORTEST_TOKEN = 16;

  private final PrometheusMeterRegistry registry;
  private final AgentMetrics agents;
  private final byte @Nullable [] header;

  MetricsController(
      MetricsSettings settings, PrometheusMeterRegistry registry, AgentMetrics agents) {
    this.registry = registry;
    this.agents = agents;
    this.header = settings.tokenFile() == null ? null : header(settings.tokenFile());
  }

  private static byte[] header(Path file) {
    try {
      var token = Files.readString(file).strip();
      if (token.length() < SHORTEST_TOKEN) {
        throw new UsageError(
            "The token in %s (capataz.metrics.token-file) is shorter than %d characters."
                .formatted(file, SHORTEST_TOKEN));
      }
      return ("Bearer " + token).getBytes(StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UsageError(
          "The file %s (capataz.metrics.token-file, CAPATAZ_METRICS_TOKEN_FILE) cannot be read (%s)."
              .formatted(file, e.getClass().getSimpleName()));
    }
  }

  /**
   * {@code GET /metrics}: counters, timers and gauges in Prometheus' text format. 404 if no token
   * is configured; 401 without that token.
   */
  @GetMapping("/metrics")
  @Allow(value = Allow.Who.ANYONE, counted = false)
  ResponseEntity<String> metrics(
      @RequestHeader(name = HttpHeaders.AUTHORIZATION, required = false) @Nullable String shown) {
    if (header == null) {
      throw ApiProblem.notSetUp(
          "metrics_off", "No metrics token is configured. Set capataz.metrics.token-file.");
    }
    if (shown == null || !MessageDigest.isEqual(header, shown.getBytes(StandardCharsets.UTF_8))) {
      throw ApiProblem.unauthorized("Send the token of capataz.metrics.token-file as Bearer.");
    }
    agents.refresh();
    return ResponseEntity.ok().header(HttpHeaders.CONTENT_TYPE, FORMAT).body(registry.scrape());
  }
}
