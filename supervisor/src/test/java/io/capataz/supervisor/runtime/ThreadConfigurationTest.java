package io.capataz.supervisor.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.capataz.supervisor.TestSupervisor;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessResourceFailureException;
import org.springframework.scheduling.annotation.ScheduledAnnotationBeanPostProcessor;

class ThreadConfigurationTest {

  @Test
  void a_sweep_that_waits_does_not_stop_the_others() throws Exception {
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

  @Test
  void there_is_a_thread_for_each_sweep() {
    var sweeps =
        TestSupervisor.shared()
            .context()
            .getBean(ScheduledAnnotationBeanPostProcessor.class)
            .getScheduledTasks();

    assertThat(sweeps).hasSizeBetween(10, ThreadConfiguration.SWEEPS);
  }

  @Test
  void background_work_that_meets_an_outage_logs_one_line_and_no_stack_trace() {
    var logger = (Logger) LoggerFactory.getLogger(ThreadConfiguration.class);
    var logged = new ListAppender<ILoggingEvent>();
    logged.start();
    logger.addAppender(logged);
    try (var background = new ThreadConfiguration().background()) {
      background.execute(
          () -> {
            throw new DataAccessResourceFailureException("disk of test is full");
          });

      // Awaitility would rethrow what reached the JVM's handler of uncaught exceptions.
      await()
          .until(
              () ->
                  List.copyOf(logged.list).stream()
                      .filter(event -> event.getKeyValuePairs().toString().contains("of test"))
                      .anyMatch(
                          event ->
                              event.getLevel() == Level.WARN && event.getThrowableProxy() == null));
    } finally {
      logger.detachAppender(logged);
    }
  }
}
