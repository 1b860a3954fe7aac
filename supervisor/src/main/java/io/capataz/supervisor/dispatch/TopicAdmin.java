package io.capataz.supervisor.dispatch;

import java.util.Map;
import java.util.OptionalInt;

/**
 * What setting up topics asks of a broker. Each call ends within seconds; what the broker refuses
 * or does not answer is a {@link org.apache.kafka.common.KafkaException}.
 */
interface TopicAdmin extends AutoCloseable {

  /** The number of partitions of a topic; empty if there is no such topic. */
  OptionalInt partitionsOf(String topic);

  /** Creates a topic. Another supervisor may have done it a moment ago; that is no failure. */
  void create(String topic, int partitions, Map<String, String> settings);

  /** Adds partitions to a topic. */
  void grow(String topic, int partitions);

  /** Has a new share group begin with the oldest record. */
  void beginWithOldest(String group);

  @Override
  void close();
}
