package io.capataz.supervisor.runtime;

import java.time.Clock;
import java.time.InstantSource;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** The one place where wall-clock time comes from. */
@Configuration(proxyBeanMethods = false)
class ClockConfiguration {

  /**
   * In whole milliseconds, because the store keeps no more: what is read equals what was written.
   */
  @Bean
  InstantSource instantSource() {
    return Clock.tickMillis(java.time.ZoneOffset.UTC);
  }
}
