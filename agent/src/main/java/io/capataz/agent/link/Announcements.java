package io.capataz.agent.link;

import io.capataz.common.protocol.Announcement;
import io.capataz.common.protocol.BrokerAccess;
import io.capataz.common.protocol.MessageJson;
import io.capataz.common.protocol.SessionOpening.AnnouncementSource;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;

/**
 * Reads announcements of waiting jobs for this host from Kafka. They are hints only: a missed,
 * delayed or forged announcement costs latency, because {@code sync} finds every waiting job.
 *
 * <p>Runs until its thread is interrupted.
 */
public final class Announcements implements Runnable {

  private static final Logger log = LoggerFactory.getLogger(Announcements.class);

  private static final Duration POLL = Duration.ofSeconds(30);

  private static final Duration FETCH = Duration.ofSeconds(5);

  private final AnnouncementSource source;
  private final String host;
  private final Backoff backoff;
  private final Consumer<List<String>> heard;
  private final Runnable look;
  private final AtomicBoolean listening;
  private final Runnable onListening;

  /**
   * @param source broker, topic and partition
   * @param host this host's id; records for other hosts are ignored
   * @param backoff pauses between reconnects
   * @param heard receives the ids of announced jobs
   * @param look called when a heartbeat would get an answer at once
   * @param listening set while announcements are read
   * @param onListening called whenever reading begins: jobs announced earlier must be asked for
   */
  public Announcements(
      AnnouncementSource source,
      String host,
      Backoff backoff,
      Consumer<List<String>> heard,
      Runnable look,
      AtomicBoolean listening,
      Runnable onListening) {
    this.source = source;
    this.host = host;
    this.backoff = backoff;
    this.heard = heard;
    this.look = look;
    this.listening = listening;
    this.onListening = onListening;
  }

  @Override
  public void run() {
    int failures = 0;
    while (!Thread.currentThread().isInterrupted()) {
      KafkaConsumer<byte[], byte[]> consumer = null;
      try {
        consumer = new KafkaConsumer<>(settings());
        var partition = new TopicPartition(source.topic(), source.partition());
        consumer.assign(List.of(partition));
        consumer.seekToEnd(List.of(partition));
        long position = consumer.position(partition);
        log.info("listening for announcements on {} from offset {}", partition, position);
        failures = 0;
        listening.set(true);
        onListening.run();
        while (true) {
          hear(consumer.poll(POLL));
        }
      } catch (InterruptException e) {
        Thread.currentThread().interrupt();
      } catch (KafkaException e) {
        failures++;
        log.warn(
            "cannot read announcements from {} ({}); jobs are found by polling meanwhile",
            source.bootstrapServers(),
            reason(e));
        pause(failures);
      } finally {
        listening.set(false);
        close(consumer);
      }
    }
  }

  void hear(Iterable<ConsumerRecord<byte[], byte[]>> records) {
    var jobs = new ArrayList<String>();
    boolean looks = false;
    for (var record : records) {
      var ours = announcement(record.value());
      if (ours.isPresent()) {
        switch (ours.get().kind()) {
          case WORK -> Optional.ofNullable(ours.get().job()).ifPresent(jobs::add);
          case LOOK -> looks = true;
        }
      }
    }
    if (looks) {
      look.run();
    }
    if (!jobs.isEmpty()) {
      heard.accept(jobs);
    }
  }

  /** Parses a record; empty if it is not an announcement for this host. */
  private Optional<Announcement> announcement(byte @Nullable [] value) {
    if (value == null) {
      return Optional.empty();
    }
    try {
      var announcement = MessageJson.read(value, Announcement.class);
      return announcement.v() == Announcement.VERSION && host.equals(announcement.host())
          ? Optional.of(announcement)
          : Optional.empty();
    } catch (JacksonException | IllegalArgumentException e) {
      log.debug("ignoring a record that is not an announcement", e);
      return Optional.empty();
    }
  }

  /** The message of a client failure, with that of its cause. */
  static String reason(RuntimeException e) {
    return e.getCause() == null
        ? String.valueOf(e.getMessage())
        : e.getMessage() + ": " + e.getCause().getMessage();
  }

  private void pause(int failures) {
    try {
      Thread.sleep(backoff.pause(failures));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void close(@Nullable KafkaConsumer<?, ?> consumer) {
    try {
      if (consumer != null) {
        consumer.close(CloseOptions.timeout(Duration.ZERO));
      }
    } catch (KafkaException e) {
      log.debug("the consumer did not close cleanly", e);
    }
  }

  private Map<String, Object> settings() {
    var settings = settings(source.bootstrapServers(), source.access(), FETCH);
    settings.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
    settings.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "latest");
    return settings;
  }

  /**
   * Settings shared by the agent's consumers, with small buffers, since a record takes about a
   * hundred bytes.
   *
   * @param access how to authenticate to the broker; null: it needs no authentication
   * @param fetch how long the broker holds a fetch while there are no records
   */
  static Map<String, Object> settings(
      String bootstrapServers, @Nullable BrokerAccess access, Duration fetch) {
    var settings = new HashMap<String, Object>();
    if (access != null) {
      settings.putAll(access.clientSettings());
    }
    settings.putAll(
        Map.ofEntries(
            Map.entry(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers),
            Map.entry(ConsumerConfig.KEY_DESERIALIZER_CLASS_CONFIG, ByteArrayDeserializer.class),
            Map.entry(ConsumerConfig.VALUE_DESERIALIZER_CLASS_CONFIG, ByteArrayDeserializer.class),
            Map.entry(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false),
            Map.entry(ConsumerConfig.METRIC_REPORTER_CLASSES_CONFIG, ""),
            Map.entry(ConsumerConfig.ENABLE_METRICS_PUSH_CONFIG, false),
            Map.entry(ConsumerConfig.FETCH_MAX_BYTES_CONFIG, 256 * 1024),
            Map.entry(ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG, 256 * 1024),
            Map.entry(ConsumerConfig.RECEIVE_BUFFER_CONFIG, 32 * 1024),
            Map.entry(ConsumerConfig.SEND_BUFFER_CONFIG, 16 * 1024),
            Map.entry(ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG, (int) fetch.toMillis()),
            Map.entry(ConsumerConfig.RECONNECT_BACKOFF_MS_CONFIG, 100L),
            Map.entry(ConsumerConfig.RECONNECT_BACKOFF_MAX_MS_CONFIG, 10_000L),
            Map.entry(ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, 20_000)));
    return settings;
  }
}
