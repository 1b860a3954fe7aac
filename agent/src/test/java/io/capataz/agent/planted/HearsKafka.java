package io.capataz.agent.planted;

import org.apache.kafka.common.TopicPartition;

/** Breaks the rule that two classes alone know Kafka. */
class HearsKafka {
  TopicPartition partition() {
    return new TopicPartition("topic", 0);
  }
}
