package io.capataz.supervisor.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class DecidedClaimsTest {

  private Instant now = Instant.parse("2026-01-31T12:00:00Z");
  private final DecidedClaims decided = new DecidedClaims(() -> now);

  @Test
  void remembersForLongEnoughAndNotForEver() {
    now = now.plus(DecidedClaims.KEPT).minusMillis(1);
    decided.add("late in its time", true);
    now = now.plusMillis(2);
    decided.add("early in its time", false);
    assertThat(decided.answer("late in its time")).contains(true);
    assertThat(decided.answer("early in its time")).contains(false);
    assertThat(decided.answer("never")).isEmpty();

    now = now.plus(DecidedClaims.KEPT).minusMillis(5);
    assertThat(decided.answer("late in its time")).contains(true);
    now = now.plusMillis(10);
    assertThat(decided.answer("late in its time")).isEmpty();
    assertThat(decided.answer("early in its time")).contains(false);
    now = now.plus(Duration.ofHours(1));
    assertThat(decided.answer("early in its time")).isEmpty();
  }
}
