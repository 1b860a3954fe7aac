package io.capataz.supervisor.dispatch;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.springframework.stereotype.Component;

/**
 * The claims that this supervisor has answered lately, and whether more was waiting then. Kept for
 * longer than a call can be under way, and in memory: a call and its repetition meet here only if
 * both reach the same supervisor.
 */
@Component
class RecentClaims {

  /** How long a claim is kept. */
  static final Duration KEPT = Duration.ofMinutes(2);

  private final Cache<String, Boolean> answers;

  RecentClaims(InstantSource clock) {
    this.answers =
        Caffeine.newBuilder()
            .expireAfterWrite(KEPT)
            .ticker(() -> TimeUnit.MILLISECONDS.toNanos(clock.millis()))
            .build();
  }

  void add(String claim, boolean more) {
    answers.put(claim, more);
  }

  /** Whether more was waiting when the claim was answered; empty if it was not. */
  Optional<Boolean> answer(String claim) {
    return Optional.ofNullable(answers.getIfPresent(claim));
  }
}
