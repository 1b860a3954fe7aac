package io.capataz.agent.planted;

import java.time.Instant;

/** Breaks the rule that time is handed in. */
class LooksAtTheClock {
  Instant now() {
    return Instant.now();
  }

  long millis() {
    return System.currentTimeMillis();
  }
}
