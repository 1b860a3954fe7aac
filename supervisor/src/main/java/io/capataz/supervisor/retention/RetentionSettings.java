package io.capataz.supervisor.retention;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The retention of finished jobs, unless their task overrides it.
 *
 * @param keepJobs how many of each task are kept, the newest
 * @param keepDays for how many days at most
 */
@ConfigurationProperties("capataz")
record RetentionSettings(@DefaultValue("1000") int keepJobs, @DefaultValue("90") int keepDays) {
  RetentionSettings {
    if (keepJobs < 1 || keepDays < 1) {
      throw new IllegalArgumentException(
          "capataz.keep-jobs and capataz.keep-days must be at least 1, not %d and %d."
              .formatted(keepJobs, keepDays));
    }
  }
}
