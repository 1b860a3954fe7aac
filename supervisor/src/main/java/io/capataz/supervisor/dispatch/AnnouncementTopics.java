package io.capataz.supervisor.dispatch;

import io.capataz.common.protocol.BrokerAccess;
import io.capataz.common.protocol.SessionOpening.AnnouncementSource;
import io.capataz.common.protocol.SessionOpening.PoolSource;
import io.capataz.supervisor.runtime.CapatazSettings;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.DisposableBean;

/**
 * The Kafka topics for announcements.
 *
 * <p>Hosts share one topic with a fixed number of partitions, because a topic per host makes a
 * broker slow to recover. Each pool has its own topic, which its hosts read as a share group, so
 * that one of them receives each job.
 */
class AnnouncementTopics implements DisposableBean {

  /**
   * With more partitions, records that a dead host had not read would wait until its membership
   * expires.
   */
  private static final int POOL_PARTITIONS = 1;

  private static final Map<String, String> FOR_HOSTS =
      Map.of("retention.ms", "3600000", "segment.ms", "600000", "cleanup.policy", "delete");

  /** Shorter retention: each remaining record costs a claim, and old ones announce nothing new. */
  private static final Map<String, String> FOR_POOLS =
      Map.of("retention.ms", "600000", "segment.ms", "60000", "cleanup.policy", "delete");

  private static final Map<String, Object> FOR_PRODUCER =
      Map.of(
          "acks",
          "all",
          "enable.idempotence",
          "true",
          // Small and short: an announcement that cannot be sent soon is left to the sweep.
          "buffer.memory",
          4 * 1024 * 1024,
          "max.block.ms",
          5_000,
          "request.timeout.ms",
          5_000,
          "delivery.timeout.ms",
          10_000);

  private final KafkaClients clients;
  private final KafkaTopicSettings names;
  private final String agentAddresses;
  private final boolean letsAgentsIn;
  private final @Nullable BrokerAccess agents;
  private final int partitions;
  private final TopicSetup setup;
  private @Nullable Producer<String, byte[]> producer;
  private boolean closed;

  AnnouncementTopics(
      CapatazSettings settings, KafkaSettings kafka, KafkaClients clients, TopicSetup setup) {
    this.clients = clients;
    this.setup = setup;
    this.names = kafka.topics();
    this.agents = kafka.security().ofAgents().orElse(null);
    var own = kafka.client().agentAddresses();
    this.agentAddresses = own == null ? settings.kafka() : own;
    this.letsAgentsIn = own != null || kafka.security().letsAgentsIn();
    this.partitions = settings.announcementPartitions();
  }

  /** Made when the topic is there, so that a broker that is away holds up no start. */
  private synchronized Producer<String, byte[]> producer() {
    if (closed) {
      throw new KafkaException("This supervisor is shutting down.");
    }
    if (producer == null) {
      producer =
          new KafkaProducer<>(
              clients.producer("", FOR_PRODUCER),
              new StringSerializer(),
              new ByteArraySerializer());
    }
    return producer;
  }

  /** The topic of a record is not there, and could not be created. */
  static final class NoTopic extends RuntimeException {
    private static final long serialVersionUID = 1;

    NoTopic(String topic) {
      super("Topic " + topic + " is not there and could not be created.");
    }
  }

  /** The position of a record. */
  record Place(String topic, int partition, long offset) {}

  /** The topic and partition of a host; empty when agents cannot get in. */
  Optional<AnnouncementSource> sourceFor(String host) {
    return forAgents(
        () -> new AnnouncementSource(agentAddresses, names.ofHosts(), partitionOf(host), agents));
  }

  /** The topic of a pool; empty when agents cannot get in. */
  Optional<PoolSource> sourceForPool(String pool) {
    var topic = names.ofPool(pool);
    return forAgents(() -> new PoolSource(pool, agentAddresses, topic, topic, agents));
  }

  private <T> Optional<T> forAgents(Supplier<T> source) {
    return letsAgentsIn ? Optional.of(source.get()) : Optional.empty();
  }

  /**
   * Writes a record for a host. Blocks for up to a few seconds; never call it in a request. One of
   * the two callbacks receives the result, on the producer's thread.
   */
  void publish(String host, byte[] record, Consumer<Place> written, Consumer<Exception> refused) {
    if (!ensureHosts()) {
      refused.accept(new NoTopic(names.ofHosts()));
      return;
    }
    send(new ProducerRecord<>(names.ofHosts(), partitionOf(host), host, record), written, refused);
  }

  /** Writes a record for a pool, like {@link #publish} for a host. */
  void publishForPool(
      String pool, byte[] record, Consumer<Place> written, Consumer<Exception> refused) {
    if (!ensurePool(pool)) {
      refused.accept(new NoTopic(names.ofPool(pool)));
      return;
    }
    send(new ProducerRecord<>(names.ofPool(pool), record), written, refused);
  }

  private void send(
      ProducerRecord<String, byte[]> record, Consumer<Place> written, Consumer<Exception> refused) {
    try {
      var _ =
          producer()
              .send(
                  record,
                  (place, failure) -> {
                    if (failure == null) {
                      setup.accepted(record.topic());
                      written.accept(new Place(place.topic(), place.partition(), place.offset()));
                    } else {
                      setup.failed(record.topic(), failure);
                      refused.accept(failure);
                    }
                  });
    } catch (KafkaException | IllegalStateException failure) {
      // This supervisor is shutting down, or the broker's name is unknown just now; a sweep
      // announces the job.
      refused.accept(failure);
    }
  }

  private int partitionOf(String host) {
    return Math.floorMod(host.hashCode(), partitions);
  }

  /**
   * Makes sure that the hosts' topic is there; see {@link TopicSetup}. Extra partitions do no harm.
   * A host's partition follows from the settings alone, so that it is known before the broker
   * responds.
   */
  final boolean ensureHosts() {
    return setup.ensure(names.plan(names.ofHosts(), partitions, FOR_HOSTS, false));
  }

  /**
   * Makes sure that a pool's topic is there. Its share group starts with the oldest record, because
   * the first job may arrive before any host listens.
   */
  boolean ensurePool(String pool) {
    return setup.ensure(names.plan(names.ofPool(pool), POOL_PARTITIONS, FOR_POOLS, true));
  }

  /** When it makes sense to announce to hosts or a pool; in the past if it does now. */
  Instant nextAttempt(Optional<String> pool) {
    return setup.nextAttempt(pool.map(names::ofPool).orElse(names.ofHosts()));
  }

  @Override
  public synchronized void destroy() {
    closed = true;
    if (producer != null) {
      producer.close(Duration.ofSeconds(2));
    }
  }
}
