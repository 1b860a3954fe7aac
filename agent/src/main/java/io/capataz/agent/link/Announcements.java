package io.capataz.agent.link;

import io.capataz.common.protocol.Announcement;
import io.capataz.common.protocol.MessageJson;
import io.capataz.common.protocol.SessionOpening.AnnouncementSource;
import java.time.Duration;
import java.util.ArrayList;
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
  private final BrokerClient broker;
  private final String host;
  private final Backoff backoff;
  private final Consumer<List<String>> heard;
  private final Runnable look;
  private final AtomicBoolean listening;
  private final Runnable onListening;

  /**
   * @param source broker, topic and partition
   * @param broker how brokers are reached from here
   * @param host this host's id; records for other hosts are ignored
   * @param backoff pauses between reconnects
   * @param heard receives the ids of announced jobs
   * @param look called when a heartbeat would get an answer at once
   * @param listening set while announcements are read
   * @param onListening called whenever reading begins: jobs announced earlier must be asked for
   */
  public Announcements(
      AnnouncementSource source,
      BrokerClient broker,
      String host,
      Backoff backoff,
      Consumer<List<String>> heard,
      Runnable look,
      AtomicBoolean listening,
      Runnable onListening) {
    this.source = source;
    this.broker = broker;
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
        consumer = new KafkaConsumer<>(broker.checked(settings()));
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
      } catch (WrongProtocol told) {
        pause(++failures);
      } catch (KafkaException | OutOfMemoryError e) {
        // A client of Kafka may take what it reads from a stranger for a length of gigabytes.
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
  static String reason(Throwable e) {
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
    return broker.settings(
        source.bootstrapServers(),
        source.access(),
        FETCH,
        Map.of(
            ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG,
            false,
            ConsumerConfig.AUTO_OFFSET_RESET_CONFIG,
            "latest"));
  }
}
