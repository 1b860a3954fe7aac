package io.capataz.supervisor.callback;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RetryDelaysTest {

  private static final Instant NOW = Instant.parse("2026-03-01T10:00:00Z");

  private static final Instant DEADLINE = NOW.plus(RetryDelays.LIFE);

  /** Each call takes as long as one may. */
  private static int tries(Random random, @Nullable Duration asked) {
    var at = NOW;
    for (var number = 1; ; number++) {
      at = at.plus(Courier.LONGEST);
      var next = RetryDelays.next(number, at, DEADLINE, asked, random.nextDouble());
      if (next.isEmpty()) {
        return number;
      }
      assertThat(next.get()).isAfter(at).isBefore(DEADLINE);
      at = next.get();
    }
  }

  @Test
  void there_are_21_tries_and_all_of_them_begin_within_a_day() {
    for (var seed = 0; seed < 10_000; seed++) {
      assertThat(tries(new Random(seed), null)).describedAs("seed %d", seed).isEqualTo(21);
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 1, 60, 3_600, 86_400, 999_999_999})
  void a_receiver_that_asks_for_time_gets_no_more_tries_and_none_later(long seconds) {
    assertThat(tries(new Random(1), Duration.ofSeconds(seconds))).isBetween(2, 21);
  }

  @Test
  void delays_grow_and_vary_by_a_tenth() {
    assertThat(RetryDelays.delay(1, 0.5)).isEqualTo(Duration.ofSeconds(5));
    assertThat(RetryDelays.delay(10, 0.5)).isEqualTo(Duration.ofSeconds(2_560));
    assertThat(RetryDelays.delay(20, 0.5)).isEqualTo(Duration.ofHours(2));
    assertThat(RetryDelays.delay(4, 0)).isEqualTo(Duration.ofSeconds(36));
    assertThat(RetryDelays.delay(4, 1)).isEqualTo(Duration.ofSeconds(44));
  }

  @Test
  void nothing_follows_after_the_deadline() {
    assertThat(RetryDelays.next(3, DEADLINE.plusSeconds(1), DEADLINE, null, 0.5))
        .isEqualTo(Optional.empty());
  }
}
