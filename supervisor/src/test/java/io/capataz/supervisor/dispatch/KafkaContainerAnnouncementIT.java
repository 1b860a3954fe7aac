package io.capataz.supervisor.dispatch;

import io.capataz.testing.SkippedLoudly;
import org.junit.jupiter.api.extension.ExtendWith;
import org.testcontainers.junit.jupiter.Container;
import org.testcontainers.junit.jupiter.Testcontainers;
import org.testcontainers.kafka.KafkaContainer;

/** The contract, on a real Kafka; it is what makes the contract true. */
@ExtendWith(SkippedLoudly.class)
@Testcontainers(disabledWithoutDocker = true)
class KafkaContainerAnnouncementIT extends AnnouncementContract {

  @Container
  private static final KafkaContainer KAFKA = new KafkaContainer("apache/kafka-native:4.2.0");

  @Override
  String bootstrapServers() {
    return KAFKA.getBootstrapServers();
  }
}
