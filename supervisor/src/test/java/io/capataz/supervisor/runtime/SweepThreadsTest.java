package io.capataz.supervisor.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** A sweep that is held up holds up no other. */
class SweepThreadsTest {

  @Test
  void one_that_waits_does_not_stop_the_others() throws Exception {
    var scheduler = new ThreadConfiguration().taskScheduler();
    scheduler.initialize();
    var held = new CountDownLatch(1);
    var rounds = new CountDownLatch(5);
    try {
      var _ =
          scheduler.scheduleWithFixedDelay(
              () -> {
                try {
                  held.await();
                } catch (InterruptedException ending) {
                  Thread.currentThread().interrupt();
                }
              },
              Duration.ofMillis(1));
      var _ = scheduler.scheduleWithFixedDelay(rounds::countDown, Duration.ofMillis(1));

      assertThat(rounds.await(10, TimeUnit.SECONDS)).isTrue();
    } finally {
      held.countDown();
      scheduler.shutdown();
    }
  }
}
