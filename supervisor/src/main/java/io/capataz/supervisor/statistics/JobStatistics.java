package io.capataz.supervisor.statistics;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How jobs went over a window.
 *
 * @param window {@code hour}, {@code day} or {@code week}
 * @param buckets its parts, oldest first; the last one is not over
 */
record JobStatistics(String window, Instant from, Instant until, List<Bucket> buckets) {
  JobStatistics {
    buckets = List.copyOf(buckets);
  }

  /**
   * The jobs that were created in a part of the window and have ended.
   *
   * @param failed those that expired among them
   * @param queueWait from when a job could be claimed until it was; absent if none was claimed
   * @param duration of the last attempt; absent if there was none
   * @param sampled whether the spreads are those of the newest jobs of this part, not of all
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Bucket(
      Instant from,
      Instant until,
      long succeeded,
      long failed,
      long canceled,
      @Nullable Spread queueWait,
      @Nullable Spread duration,
      boolean sampled) {}

  /** A median and a 95th percentile, in seconds. */
  record Spread(double p50, double p95) {
    /** By nearest rank; null for no times. */
    static @Nullable Spread of(List<Duration> times) {
      if (times.isEmpty()) {
        return null;
      }
      var sorted = times.stream().sorted().toList();
      return new Spread(at(sorted, 50), at(sorted, 95));
    }

    private static double at(List<Duration> sorted, int percent) {
      var rank = Math.ceilDiv(sorted.size() * percent, 100);
      return sorted.get(rank - 1).toMillis() / 1_000.0;
    }
  }
}
