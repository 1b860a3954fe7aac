package io.capataz.supervisor.runtime;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** The one place where threads are made. */
@Configuration(proxyBeanMethods = false)
class ThreadConfiguration {

  /** For what must not keep a request waiting. Its tasks end by themselves. */
  @Bean(destroyMethod = "shutdownNow")
  ExecutorService background() {
    return Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("background-", 0).factory());
  }
}
