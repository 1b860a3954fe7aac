package io.capataz.supervisor.dispatch;

import io.capataz.common.command.UsageError;
import io.capataz.common.protocol.BrokerAccess;
import io.capataz.common.protocol.SessionOpening.AnnouncementSource;
import io.capataz.common.protocol.SessionOpening.PoolSource;
import io.capataz.supervisor.runtime.CapatazSettings;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
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

  private static final Logger log = LoggerFactory.getLogger(AnnouncementTopics.class);

  private final String bootstrapServers;
  private final Map<String, Object> access;
  private final KafkaSecuritySettings security;
  private final @Nullable BrokerAccess agents;
  private final Producer<String, byte[]> producer;
  private final int partitions;
  private final Set<String> ensured = ConcurrentHashMap.newKeySet();

  AnnouncementTopics(
      CapatazSettings settings, KafkaSecuritySettings security, ExecutorService background) {
    this.bootstrapServers = settings.kafka();
    this.access = security.own().map(BrokerAccess::clientSettings).orElse(Map.of());
    this.security = security;
    this.agents = security.ofAgents().orElse(null);
    this.partitions = settings.announcementPartitions();
    this.producer = producerFor(bootstrapServers, access);
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
    send(new ProducerRecord<>(HOSTS, partitionOf(host), host, record), written, refused);
  }

  /** Writes a record for a pool, like {@link #publish} for a host. */
  void publishForPool(
      String pool, byte[] record, Consumer<Place> written, Consumer<Exception> refused) {
    if (!ensurePool(pool)) {
      refused.accept(new IllegalStateException("The pool's topic could not be created."));
      return;
    }
    send(new ProducerRecord<>(POOL_PREFIX + pool, record), written, refused);
  }

  private void send(
      ProducerRecord<String, byte[]> record, Consumer<Place> written, Consumer<Exception> refused) {
    var _ =
        producer.send(
            record,
            (place, failure) -> {
              if (failure == null) {
                written.accept(new Place(place.topic(), place.partition(), place.offset()));
              } else {
                refused.accept(failure);
              }
            });
  }

  private int partitionOf(String host) {
    return Math.floorMod(host.hashCode(), partitions);
  }

  /**
   * Creates the hosts' topic if it is missing, and adds partitions if it has too few. Extra
   * partitions do no harm. A host's partition follows from the settings alone, so that it is known
   * before the broker responds.
   */
  final boolean ensureHosts() {
    return ensure(HOSTS, admin -> makeTopic(admin, HOSTS, partitions, FOR_HOSTS));
  }

  /**
   * Creates a pool's topic and configures its share group: a new group starts with the oldest
   * record, because the first job may arrive before any host listens.
   */
  boolean ensurePool(String pool) {
    var name = POOL_PREFIX + pool;
    return ensure(
        name,
        admin -> {
          makeTopic(admin, name, POOL_PARTITIONS, FOR_POOLS);
          admin
              .incrementalAlterConfigs(
                  Map.of(
                      new ConfigResource(ConfigResource.Type.GROUP, name),
                      List.of(
                          new AlterConfigOp(
                              new ConfigEntry("share.auto.offset.reset", "earliest"),
                              AlterConfigOp.OpType.SET))))
              .all()
              .get();
        });
  }

  private static void makeTopic(
      Admin admin, String name, int partitions, Map<String, String> settings)
      throws ExecutionException, InterruptedException {
    var topic = new NewTopic(name, Optional.of(partitions), Optional.empty()).configs(settings);
    try {
      admin.createTopics(List.of(topic)).all().get();
    } catch (ExecutionException e) {
      if (!(e.getCause() instanceof TopicExistsException)) {
        throw e;
      }
      var there = admin.describeTopics(List.of(name)).allTopicNames().get().get(name);
      if (there != null && there.partitions().size() < partitions) {
        admin.createPartitions(Map.of(name, NewPartitions.increaseTo(partitions))).all().get();
      }
    }
  }

  /** Setup of a topic at the broker, once per topic. */
  private interface Setup {
    void with(Admin admin) throws ExecutionException, InterruptedException;
  }

  private boolean ensure(String topic, Setup setup) {
    if (ensured.contains(topic)) {
      return true;
    }
    try (var admin =
        Admin.create(
            with(
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
                    "false")))) {
      setup.with(admin);
      ensured.add(topic);
      log.atInfo().addKeyValue("topic", topic).log("topic ready");
      return true;
    } catch (ExecutionException e) {
      log.atWarn()
          .addKeyValue("topic", topic)
          .addKeyValue("failure", String.valueOf(e.getCause()))
          .log("topic could not be created or read; retrying, sync continues meanwhile");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return false;
  }

  @Override
  public void destroy() {
    producer.close(Duration.ofSeconds(2));
  }
}
