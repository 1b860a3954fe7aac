package io.capataz.supervisor.dispatch;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.springframework.stereotype.Component;

/**
 * The claims that this supervisor has decided of late, and whether more was waiting then. Kept for
 * longer than a call can be on its way, and in memory: a call and its repetition meet here only if
 * both come to the same supervisor.
 */
@Component
class DecidedClaims {

  /** Each claim is kept for this long at the least, and for twice that at the most. */
  static final Duration KEPT = Duration.ofMinutes(2);

  private final InstantSource clock;
  private Map<String, Boolean> young = new HashMap<>();
  private Map<String, Boolean> old = new HashMap<>();
  private Instant turned;

  DecidedClaims(InstantSource clock) {
    this.clock = clock;
    this.turned = clock.instant();
  }

  synchronized void add(String claim, boolean more) {
    turn();
    young.put(claim, more);
  }

  /** Whether more was waiting when the claim was decided; empty if it was not. */
  synchronized Optional<Boolean> answer(String claim) {
    turn();
    return Optional.ofNullable(young.getOrDefault(claim, old.get(claim)));
  }

  private void turn() {
    var now = clock.instant();
    var age = Duration.between(turned, now);
    if (age.compareTo(KEPT) >= 0) {
      old = age.compareTo(KEPT.multipliedBy(2)) < 0 ? young : new HashMap<>();
      young = new HashMap<>();
      turned = now;
    }
  }
}
