package io.capataz.supervisor.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.springframework.dao.DataAccessResourceFailureException;

/** The clock that all supervisors share. */
class StoreClockTest {

  private static final Instant NOON = Instant.parse("2026-01-02T12:00:00Z");

  private Instant store = NOON;
  private long nanos = 1_000;
  private boolean away;
  private final List<Duration> jumps = new ArrayList<>();

  private final StoreClock clock =
      new StoreClock(
          () -> {
            if (away) {
              throw new DataAccessResourceFailureException("away");
            }
            return store;
          },
          () -> nanos,
          jumps::add);

  @Test
  void between_two_looks_it_goes_on_by_the_monotonic_clock_in_whole_milliseconds() {
    nanos += Duration.ofMillis(2_500).toNanos() + 999_999;

    assertThat(clock.instant()).isEqualTo(NOON.plusMillis(2_500));
  }

  @Test
  void a_look_follows_the_store() {
    store = NOON.plusSeconds(300);
    nanos += Duration.ofSeconds(10).toNanos();

    clock.follow();

    assertThat(clock.instant()).isEqualTo(NOON.plusSeconds(300));
  }

  @Test
  void a_look_that_errs_by_a_little_does_not_turn_it_back() {
    nanos += Duration.ofSeconds(10).toNanos();
    var before = clock.instant();
    store = NOON.plusSeconds(10).minusMillis(4);

    clock.follow();

    assertThat(clock.instant()).isEqualTo(before);
    nanos += Duration.ofMillis(5).toNanos();
    assertThat(clock.instant()).isEqualTo(before.plusMillis(1));
  }

  /** Times that were stored before say nothing about how long ago they were. */
  @Test
  void a_jump_is_told_when_the_new_time_is_already_read_and_small_ones_are_not() {
    store = NOON.plusSeconds(180);
    clock.follow();
    store = store.plusMillis(20);
    clock.follow();

    assertThat(jumps).containsExactly(Duration.ofMinutes(3));
  }

  @Test
  void a_store_whose_clock_was_set_back_is_followed() {
    nanos += Duration.ofSeconds(10).toNanos();
    assertThat(clock.instant()).isEqualTo(NOON.plusSeconds(10));
    store = NOON.minusSeconds(300);

    clock.follow();

    assertThat(clock.instant()).isEqualTo(NOON.minusSeconds(300));
  }

  @Test
  void while_the_store_is_away_it_goes_on() {
    away = true;
    nanos += Duration.ofSeconds(10).toNanos();

    clock.follow();

    assertThat(clock.instant()).isEqualTo(NOON.plusSeconds(10));
  }
}
