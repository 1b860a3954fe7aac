package io.capataz.supervisor.statistics;

import java.time.Duration;
import java.time.Instant;
import java.util.Locale;

/** A stretch of time that ends now, in parts of equal length. */
enum Window {
  HOUR(Duration.ofMinutes(2), 30),
  DAY(Duration.ofHours(1), 24),
  WEEK(Duration.ofHours(6), 28);

  private final Duration width;
  private final int parts;

  Window(Duration width, int parts) {
    this.width = width;
    this.parts = parts;
  }

  Duration width() {
    return width;
  }

  int parts() {
    return parts;
  }

  String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Where the first part begins. Parts begin at round times, so that they stay while time goes. */
  Instant begin(Instant now) {
    var length = width.toMillis();
    var last = Math.floorDiv(now.toEpochMilli(), length) * length;
    return Instant.ofEpochMilli(last - (parts - 1) * length);
  }
}
