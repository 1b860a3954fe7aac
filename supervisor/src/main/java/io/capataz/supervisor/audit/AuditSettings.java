package io.capataz.supervisor.audit;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Settings of the audit log: {@code capataz.audit.*}.
 *
 * @param keep how long an act is kept, such as {@code 400d}; at least one day
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
