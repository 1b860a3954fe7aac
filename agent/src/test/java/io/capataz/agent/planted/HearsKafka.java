package io.capataz.agent.planted;

import org.apache.kafka.common.TopicPartition;

/** Violates the rule that only two classes know Kafka. */
class HearsKafka {
  TopicPartition partition() {
    return new TopicPartition("topic", 0);
  }
}
