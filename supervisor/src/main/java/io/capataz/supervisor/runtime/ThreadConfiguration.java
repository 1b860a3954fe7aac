package io.capataz.supervisor.runtime;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.dao.DataAccessResourceFailureException;
import org.springframework.scheduling.concurrent.ThreadPoolTaskScheduler;

/** The only place that creates threads. */
@Configuration(proxyBeanMethods = false)
class ThreadConfiguration {

  private static final Logger log = LoggerFactory.getLogger(ThreadConfiguration.class);

  /** One for each, so that none waits for another. */
  static final int SWEEPS = 34;

  /**
   * Runs periodic work. Not on the scheduler of virtual threads that would be here by default: it
   * runs everything with a fixed delay on one thread, so that one sweep that waits for a store or a
   * broker stops all others, and with them the supervisor's sense of time.
   */
  @Bean
  ThreadPoolTaskScheduler taskScheduler() {
    var scheduler = new ThreadPoolTaskScheduler();
    scheduler.setPoolSize(SWEEPS);
    scheduler.setThreadNamePrefix("sweep-");
    scheduler.setErrorHandler(failure -> failed("sweep", failure));
    return scheduler;
  }

  /**
   * For work that must not delay a request. Its tasks end by themselves. What one of them leaves
   * undone, a sweep does later.
   */
  @Bean(destroyMethod = "shutdownNow")
  ExecutorService background() {
    return Executors.newThreadPerTaskExecutor(
        Thread.ofVirtual()
            .name("background-", 0)
            .uncaughtExceptionHandler((_, failure) -> failed("background work", failure))
            .factory());
  }

  /**
   * Such work meets an outage of the store repeatedly: log one line each time, and a stack trace
   * only for unexpected failures.
   */
  private static void failed(String work, Throwable failure) {
    if (failure instanceof DataAccessResourceFailureException) {
      log.atWarn()
          .addKeyValue("work", work)
          .addKeyValue("failure", String.valueOf(failure.getMessage()))
          .log("store not responding; a sweep will retry");
    } else {
      log.atError().setCause(failure).addKeyValue("work", work).log("failed unexpectedly");
    }
  }
}
