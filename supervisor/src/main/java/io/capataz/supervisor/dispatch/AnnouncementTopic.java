package io.capataz.supervisor.dispatch;

import io.capataz.common.protocol.SessionOpening.AnnouncementSource;
import io.capataz.supervisor.runtime.CapatazSettings;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.function.Consumer;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.DisposableBean;

/**
 * The Kafka topic on which hosts are told that work waits: a fixed number of partitions, each
 * shared by many hosts, because a topic per host makes a broker slow to recover.
 */
class AnnouncementTopic implements DisposableBean {

  static final String NAME = "capataz.announcements";

  private static final Logger log = LoggerFactory.getLogger(AnnouncementTopic.class);

  private final String bootstrapServers;
  private final Producer<String, byte[]> producer;
  private final int partitions;
  private volatile boolean ensured;

  AnnouncementTopic(CapatazSettings settings, ExecutorService background) {
    this.bootstrapServers = settings.kafka();
    this.partitions = settings.announcementPartitions();
    this.producer =
        new KafkaProducer<>(
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
                "false"),
            new StringSerializer(),
            new ByteArraySerializer());
    background.execute(this::ensure);
  }

  /** Where a record stands. */
  record Place(String topic, int partition, long offset) {}

  /** Where a host listens. */
  AnnouncementSource sourceFor(String host) {
    return new AnnouncementSource(bootstrapServers, NAME, partitionOf(host));
  }

  /**
   * Writes a record for a host. Blocks for at most a few seconds; never call it in a request. One
   * of the two is told what became of it, on the producer's thread.
   */
  void publish(String host, byte[] record, Consumer<Place> written, Consumer<Exception> refused) {
    var _ =
        producer.send(
            new ProducerRecord<>(NAME, partitionOf(host), host, record),
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
   * Makes the topic if it is missing, and more partitions if it has too few. More than are used do
   * no harm. Where a host is announced to follows from the settings alone, so that it can be told
   * before the broker answers.
   */
  void ensure() {
    if (ensured) {
      return;
    }
    try (var admin =
        Admin.create(
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
                "false"))) {
      var topic = new NewTopic(NAME, Optional.of(partitions), Optional.empty());
      topic.configs(
          Map.of("retention.ms", "3600000", "segment.ms", "600000", "cleanup.policy", "delete"));
      try {
        admin.createTopics(List.of(topic)).all().get();
      } catch (ExecutionException e) {
        if (!(e.getCause() instanceof TopicExistsException)) {
          throw e;
        }
        var there = admin.describeTopics(List.of(NAME)).allTopicNames().get().get(NAME);
        if (there != null && there.partitions().size() < partitions) {
          admin.createPartitions(Map.of(NAME, NewPartitions.increaseTo(partitions))).all().get();
        }
      }
      ensured = true;
      log.atInfo().addKeyValue("topic", NAME).addKeyValue("partitions", partitions).log("ready");
    } catch (ExecutionException e) {
      log.atWarn()
          .addKeyValue("topic", NAME)
          .addKeyValue("failure", String.valueOf(e.getCause()))
          .log(
              "the topic could not be made or read; it is tried again, and sync goes on meanwhile");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void destroy() {
    producer.close(Duration.ofSeconds(2));
  }
}
