package io.capataz.supervisor.audit;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * How the audit log is kept: {@code capataz.audit.*}.
 *
 * @param keep for how long an act stays in it, as {@code 400d}; a day at the least
 */
@ConfigurationProperties("capataz.audit")
record AuditSettings(@DefaultValue("400d") Duration keep) {
  AuditSettings {
    if (keep.compareTo(Duration.ofDays(1)) < 0) {
      throw new IllegalArgumentException(
          "capataz.audit.keep must be at least one day, such as 400d, not " + keep + ".");
    }
  }
}
