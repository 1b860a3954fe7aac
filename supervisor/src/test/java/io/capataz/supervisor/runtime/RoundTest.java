package io.capataz.supervisor.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class RoundTest {

  @Test
  void it_is_over_when_its_time_is_used_up() {
    // A monotonic clock may have any value, and pass the largest.
    var nanos = new AtomicLong(Long.MAX_VALUE - 5);
    var round = new Round(Duration.ofNanos(10), nanos::get);

    assertThat(round.isOver()).isFalse();
    nanos.addAndGet(9);
    assertThat(round.isOver()).isFalse();
    nanos.addAndGet(1);
    assertThat(round.isOver()).isTrue();
  }
}
