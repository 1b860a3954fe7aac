package io.capataz.supervisor.runtime;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.task.SimpleAsyncTaskSchedulerCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.dao.DataAccessResourceFailureException;

/** The only place that creates threads. */
@Configuration(proxyBeanMethods = false)
class ThreadConfiguration {

  private static final Logger log = LoggerFactory.getLogger(ThreadConfiguration.class);

  /**
   * Periodic work meets an outage of the store repeatedly: log one line each time, and a stack
   * trace only for unexpected failures.
   */
  @Bean
  SimpleAsyncTaskSchedulerCustomizer sweepsThatFail() {
    return scheduler ->
        scheduler.setErrorHandler(
            failure -> {
              if (failure instanceof DataAccessResourceFailureException) {
                log.atWarn()
                    .addKeyValue("failure", String.valueOf(failure.getMessage()))
                    .log("store not responding; sweep will be retried");
              } else {
                log.atError().setCause(failure).log("sweep failed unexpectedly");
              }
            });
  }

  /** For work that must not delay a request. Its tasks end by themselves. */
  @Bean(destroyMethod = "shutdownNow")
  ExecutorService background() {
    return Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("background-", 0).factory());
  }
}
