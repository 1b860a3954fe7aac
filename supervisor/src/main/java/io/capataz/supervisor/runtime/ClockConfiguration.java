package io.capataz.supervisor.runtime;

import java.time.Instant;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.data.mongodb.core.MongoOperations;

/** The only source of time. */
@Configuration(proxyBeanMethods = false)
class ClockConfiguration {

  @Bean
  StoreClock storeClock(MongoOperations mongo, ApplicationEventPublisher events) {
    return new StoreClock(
        () -> {
          var hello = mongo.executeCommand("{ hello: 1 }").toBsonDocument();
          return Instant.ofEpochMilli(hello.getDateTime("localTime").getValue());
        },
        System::nanoTime,
        by -> events.publishEvent(new ClockJumped(by)));
  }
}
