package io.capataz.supervisor.dispatch;

import java.util.Map;
import java.util.Optional;

/**
 * What setting up topics asks of a broker. Each call ends within seconds; what the broker refuses
 * or does not answer is a {@link org.apache.kafka.common.KafkaException}.
 */
interface TopicAdmin extends AutoCloseable {

  /** A topic that is there. */
  record Found(int partitions, int replicas) {}

  /** A topic; empty if there is none of that name. */
  Optional<Found> find(String topic);

  /** The topic's {@code min.insync.replicas}; empty if it cannot be told. */
  Optional<String> minInsync(String topic);

  /** How many brokers the cluster has. */
  int brokers();

  /**
   * Creates a topic. Another supervisor may have done it a moment ago; that is no failure.
   *
   * @param replicas how many; 0: the cluster's own default
   */
  void create(String topic, int partitions, int replicas, Map<String, String> settings);

  /** Adds partitions to a topic. */
  void grow(String topic, int partitions);

  /** Has a new share group begin with the oldest record. */
  void beginWithOldest(String group);

  @Override
  void close();
}
