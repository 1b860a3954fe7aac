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

  /**
   * Beans for a broker. Without one, agents find their work over their links and by {@code sync},
   * and supervisors find each other's changes in the store. A YAML file reads {@code off} as false.
   */
  @Configuration(proxyBeanMethods = false)
  @ConditionalOnExpression(
      "!{'', 'off', 'false'}.contains('${capataz.kafka:}'.trim().toLowerCase())")
  static class WithKafka {

    @Bean
    KafkaSettings kafkaSettings(
        KafkaSecuritySettings security, KafkaClientSettings client, KafkaTopicSettings topics) {
      return new KafkaSettings(security, client, topics);
    }

    @Bean
    KafkaClients kafkaClients(CapatazSettings settings, KafkaSettings kafka) {
      return new KafkaClients(settings.kafka(), kafka.security(), kafka.client());
    }

    /** One for all topics, so that there is one client for them. */
    @Bean
    KafkaTopicAdmin topicAdmin(KafkaClients clients) {
      return new KafkaTopicAdmin(clients);
    }

    @Bean
    TopicSetup topicSetup(KafkaTopicAdmin broker, InstantSource clock) {
      return new TopicSetup(broker, clock);
    }

    @Bean
    AnnouncementTopics announcementTopics(
        CapatazSettings settings,
        KafkaSettings kafka,
        KafkaClients clients,
        TopicSetup setup,
        ExecutorService background) {
      var topics = new AnnouncementTopics(settings, kafka, clients, setup);
      background.execute(topics::ensureHosts);
      return topics;
    }

    @Bean
    EventTopic eventTopic(
        KafkaSettings kafka, KafkaClients clients, TopicSetup setup, ExecutorService background) {
      return new EventTopic(kafka.topics(), clients, setup, background);
    }
  }
}
