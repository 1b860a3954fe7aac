package io.capataz.agent.planted;

import org.apache.kafka.common.TopicPartition;

/** Breaks the rule that one class alone knows Kafka. */
class HearsKafka {
  TopicPartition partition() {
    return new TopicPartition("topic", 0);
  }
}
