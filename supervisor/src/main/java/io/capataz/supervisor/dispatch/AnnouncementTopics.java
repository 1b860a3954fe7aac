package io.capataz.supervisor.dispatch;

import io.capataz.common.command.UsageError;
import io.capataz.common.protocol.BrokerAccess;
import io.capataz.common.protocol.SessionOpening.AnnouncementSource;
import io.capataz.common.protocol.SessionOpening.PoolSource;
import io.capataz.supervisor.runtime.CapatazSettings;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
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

  static final String HOSTS = "capataz.announcements";

  private static final String POOL_PREFIX = "capataz.pool.";

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

  private final String bootstrapServers;
  private final Map<String, Object> access;
  private final KafkaSecuritySettings security;
  private final @Nullable BrokerAccess agents;
  private final Producer<String, byte[]> producer;
  private final int partitions;
  private final TopicAdmin broker;
  private final TopicSetup setup;

  AnnouncementTopics(
      CapatazSettings settings,
      KafkaSecuritySettings security,
      ExecutorService background,
      InstantSource clock) {
    this.bootstrapServers = settings.kafka();
    this.access = security.own().map(BrokerAccess::clientSettings).orElse(Map.of());
    this.security = security;
    this.agents = security.ofAgents().orElse(null);
    this.partitions = settings.announcementPartitions();
    this.producer = producerFor(bootstrapServers, access);
    this.broker = new KafkaTopicAdmin(adminSettings(bootstrapServers, access));
    this.setup = new TopicSetup(broker, clock);
    background.execute(this::ensureHosts);
  }

  private static Producer<String, byte[]> producerFor(
      String bootstrapServers, Map<String, Object> access) {
    try {
      return new KafkaProducer<>(
          with(
              access,
              Map.of(
                  "bootstrap.servers",
                  bootstrapServers,
                  "client.id",
                  "capataz-supervisor",
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
                  10_000,
                  "auto.include.jmx.reporter",
                  "false")),
          new StringSerializer(),
          new ByteArraySerializer());
    } catch (KafkaException e) {
      throw new UsageError(
          access.isEmpty()
              ? "Invalid capataz.kafka (CAPATAZ_KAFKA, --kafka) '%s': must be HOST:PORT of Kafka brokers whose names are known here, with commas between them."
                  .formatted(bootstrapServers)
              : "Kafka's client refuses its settings: %2$s. Check capataz.kafka (CAPATAZ_KAFKA, --kafka) '%1$s' and capataz.kafka-security.*: host names, protocol, mechanism and the certificates in the CA file."
                  .formatted(bootstrapServers, reason(e)));
    }
  }

  /** Without settings, of which one is a password. */
  private static String reason(KafkaException e) {
    return e.getCause() == null
        ? e.getClass().getSimpleName()
        : String.valueOf(e.getCause().getMessage());
  }

  private static Map<String, Object> with(Map<String, Object> access, Map<String, Object> more) {
    var settings = new HashMap<>(access);
    settings.putAll(more);
    return settings;
  }

  private static Map<String, Object> adminSettings(
      String bootstrapServers, Map<String, Object> access) {
    return with(
        access,
        Map.of(
            "bootstrap.servers",
            bootstrapServers,
            "client.id",
            "capataz-supervisor-admin",
            "default.api.timeout.ms",
            10_000,
            "request.timeout.ms",
            5_000,
            "auto.include.jmx.reporter",
            "false"));
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
        () -> new AnnouncementSource(bootstrapServers, HOSTS, partitionOf(host), agents));
  }

  /** The topic of a pool; empty when agents cannot get in. */
  Optional<PoolSource> sourceForPool(String pool) {
    return forAgents(
        () ->
            new PoolSource(pool, bootstrapServers, POOL_PREFIX + pool, POOL_PREFIX + pool, agents));
  }

  private <T> Optional<T> forAgents(Supplier<T> source) {
    return security.letsAgentsIn() ? Optional.of(source.get()) : Optional.empty();
  }

  /**
   * Writes a record for a host. Blocks for up to a few seconds; never call it in a request. One of
   * the two callbacks receives the result, on the producer's thread.
   */
  void publish(String host, byte[] record, Consumer<Place> written, Consumer<Exception> refused) {
    if (!ensureHosts()) {
      refused.accept(new NoTopic(HOSTS));
      return;
    }
    send(new ProducerRecord<>(HOSTS, partitionOf(host), host, record), written, refused);
  }

  /** Writes a record for a pool, like {@link #publish} for a host. */
  void publishForPool(
      String pool, byte[] record, Consumer<Place> written, Consumer<Exception> refused) {
    if (!ensurePool(pool)) {
      refused.accept(new NoTopic(POOL_PREFIX + pool));
      return;
    }
    send(new ProducerRecord<>(POOL_PREFIX + pool, record), written, refused);
  }

  private void send(
      ProducerRecord<String, byte[]> record, Consumer<Place> written, Consumer<Exception> refused) {
    try {
      var _ =
          producer.send(
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
    } catch (KafkaException | IllegalStateException closed) {
      // This supervisor is shutting down; another one's sweep announces the job.
      refused.accept(closed);
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
    return setup.ensure(new TopicPlan(HOSTS, partitions, FOR_HOSTS, false));
  }

  /**
   * Makes sure that a pool's topic is there. Its share group starts with the oldest record, because
   * the first job may arrive before any host listens.
   */
  boolean ensurePool(String pool) {
    return setup.ensure(new TopicPlan(POOL_PREFIX + pool, POOL_PARTITIONS, FOR_POOLS, true));
  }

  /** When it makes sense to announce to hosts or a pool; in the past if it does now. */
  Instant nextAttempt(Optional<String> pool) {
    return setup.nextAttempt(pool.map(id -> POOL_PREFIX + id).orElse(HOSTS));
  }

  @Override
  public void destroy() {
    producer.close(Duration.ofSeconds(2));
    broker.close();
  }
}
