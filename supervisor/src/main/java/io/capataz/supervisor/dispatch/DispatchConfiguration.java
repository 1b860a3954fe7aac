package io.capataz.supervisor.dispatch;

import io.capataz.supervisor.runtime.CapatazSettings;
import java.time.InstantSource;
import java.util.concurrent.ExecutorService;
import org.springframework.boot.autoconfigure.condition.ConditionalOnExpression;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.scheduling.annotation.EnableScheduling;

/** Beans for dispatching. */
@Configuration(proxyBeanMethods = false)
@EnableScheduling
class DispatchConfiguration {

  /** Only with a broker; without one, agents find their work by {@code sync}. */
  @Bean
  @ConditionalOnExpression("'${capataz.kafka:}' != ''")
  AnnouncementTopics announcementTopics(
      CapatazSettings settings,
      KafkaSecuritySettings security,
      ExecutorService background,
      InstantSource clock) {
    return new AnnouncementTopics(settings, security, background, clock);
  }

  /** Only with a broker; without one, supervisors find each other's changes in the store. */
  @Bean
  @ConditionalOnExpression("'${capataz.kafka:}' != ''")
  EventTopic eventTopic(
      CapatazSettings settings,
      KafkaSecuritySettings security,
      ExecutorService background,
      InstantSource clock) {
    return new EventTopic(settings.kafka(), security, background, clock);
  }
}
