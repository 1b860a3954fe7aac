package io.capataz.supervisor.retention;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The retention of finished jobs, unless their task overrides it, and of earlier versions of tasks.
 *
 * @param keepJobs how many of each task are kept, the newest
 * @param keepDays for how many days at most
 * @param keepVersions how many earlier versions of each task are kept, the newest; those of kept
 *     jobs are kept as well
 */
@ConfigurationProperties("capataz")
record RetentionSettings(
    @DefaultValue("1000") int keepJobs,
    @DefaultValue("90") int keepDays,
    @DefaultValue("200") int keepVersions) {
  RetentionSettings {
    if (keepVersions < 1) {
      throw new IllegalArgumentException(
          "capataz.keep-versions must be at least 1, not %d.".formatted(keepVersions));
    }
    if (keepJobs < 1 || keepDays < 1) {
      throw new IllegalArgumentException(
          "capataz.keep-jobs and capataz.keep-days must be at least 1, not %d and %d."
              .formatted(keepJobs, keepDays));
    }
  }
}
