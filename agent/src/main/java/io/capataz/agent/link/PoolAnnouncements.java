package io.capataz.agent.link;

import io.capataz.common.protocol.Announcement;
import io.capataz.common.protocol.MessageJson;
import io.capataz.common.protocol.SessionOpening.PoolSource;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.AcknowledgeType;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaShareConsumer;
import org.apache.kafka.clients.consumer.ShareConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.InterruptException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;

/**
 * Hears on Kafka which jobs wait for a pool, as one member of the pool's share group: each record
 * is this member's until it says what became of it. It says so as soon as the claim that named the
 * job is decided, and never holds a record while a script runs; what it cannot ask for is another
 * member's. A record that is lost costs time and nothing else, like any announcement.
 *
 * <p>Runs until it is told to {@link #end} and its thread is interrupted.
 */
final class PoolAnnouncements implements Runnable {

  private static final Logger log = LoggerFactory.getLogger(PoolAnnouncements.class);

  /**
   * Until a record comes, in effect. A poll that ends without one may leave a fetch under way, and
   * what that brings would lie here until the next poll, for which a slot must be free first.
   */
  private static final Duration POLL = Duration.ofDays(1);

  /** Far less than the broker waits before it gives the record to another. */
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  /**
   * A new record ends a fetch that waits, but one that another member gives up does not: it is
   * found by a fetch that begins later. The longer this is, the longer a dead member's record takes
   * to get here.
   */
  private static final Duration FETCH = Duration.ofSeconds(1);

  /**
   * A goodbye waits for the fetch that is under way. Without, the broker goes by the connection,
   * and takes longer to strike the member off.
   */
  private static final Duration GOODBYE = FETCH.multipliedBy(2);

  private final PoolSource source;
  private final Backoff backoff;
  private final PoolListener listener;
  private final Supplier<ShareConsumer<byte[], byte[]>> consumers;
  private volatile boolean stopped;

  PoolAnnouncements(PoolSource source, Backoff backoff, PoolListener listener) {
    this(source, backoff, listener, () -> new KafkaShareConsumer<>(settings(source)));
  }

  /**
   * @param source where to listen
   * @param backoff between tries to reach a broken broker
   * @param listener told of each job
   * @param consumers makes a consumer, not yet subscribed
   */
  PoolAnnouncements(
      PoolSource source,
      Backoff backoff,
      PoolListener listener,
      Supplier<ShareConsumer<byte[], byte[]>> consumers) {
    this.source = source;
    this.backoff = backoff;
    this.listener = listener;
    this.consumers = consumers;
  }

  /** To be followed by an interrupt, which alone might be lost: the client swallows some. */
  void stop() {
    stopped = true;
  }

  @Override
  public void run() {
    int failures = 0;
    while (!stopped) {
      ShareConsumer<byte[], byte[]> consumer = null;
      try {
        consumer = consumers.get();
        consumer.subscribe(List.of(source.topic()));
        log.info("listening for announcements of pool {} on {}", source.pool(), source.topic());
        while (true) {
          // Whoever takes no part for long leaves the group, and is back with its next poll.
          listener.awaitFreeSlot();
          AcknowledgeType fate = AcknowledgeType.ACCEPT;
          for (ConsumerRecord<byte[], byte[]> waiting : consumer.poll(POLL)) {
            fate = fate(waiting);
            consumer.acknowledge(waiting, fate);
          }
          commit(consumer);
          failures = fate == AcknowledgeType.RELEASE ? failures + 1 : 0;
          if (failures > 0) {
            // It may come back at once, and after a few times it does so to nobody.
            Thread.sleep(backoff.pause(failures));
          }
        }
      } catch (InterruptException | InterruptedException e) {
        Thread.currentThread().interrupt();
        stopped = true;
      } catch (KafkaException | IllegalStateException e) {
        // The second is what the client says of a record that is not its own any more.
        failures++;
        log.warn(
            "cannot read announcements of pool {} ({}); jobs are found by polling meanwhile",
            source.pool(),
            e.toString());
        pause(failures);
      } finally {
        close(consumer);
      }
    }
  }

  private AcknowledgeType fate(ConsumerRecord<byte[], byte[]> waiting) throws InterruptedException {
    Optional<String> job = job(waiting.value());
    if (job.isEmpty()) {
      return AcknowledgeType.REJECT;
    }
    return listener.take(job.get(), PATIENCE) ? AcknowledgeType.ACCEPT : AcknowledgeType.RELEASE;
  }

  private Optional<String> job(byte @Nullable [] value) {
    if (value == null) {
      return Optional.empty();
    }
    try {
      Announcement announcement = MessageJson.read(value, Announcement.class);
      return announcement.v() == Announcement.VERSION
              && announcement.kind() == Announcement.Kind.WORK
              && source.pool().equals(announcement.pool())
          ? Optional.ofNullable(announcement.job())
          : Optional.empty();
    } catch (JacksonException | IllegalArgumentException e) {
      log.debug("rejecting a record that is not an announcement", e);
      return Optional.empty();
    }
  }

  /** What the broker does not learn it finds out when the record's time is stopped. */
  private static void commit(ShareConsumer<byte[], byte[]> consumer) {
    consumer
        .commitSync(PATIENCE)
        .forEach(
            (partition, failure) ->
                failure.ifPresent(e -> log.debug("cannot acknowledge on {}", partition, e)));
  }

  private void pause(int failures) {
    try {
      Thread.sleep(backoff.pause(failures));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      stopped = true;
    }
  }

  /** Whatever is still held becomes another member's at once. */
  private static void close(@Nullable ShareConsumer<byte[], byte[]> consumer) {
    // The client says no goodbye on a thread that is interrupted.
    boolean interrupted = Thread.interrupted();
    try {
      if (consumer != null) {
        consumer.close(GOODBYE);
      }
    } catch (KafkaException e) {
      log.debug("the consumer did not close cleanly", e);
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** One record at a time, because one claim at a time. */
  private static Map<String, Object> settings(PoolSource source) {
    Map<String, Object> settings = Announcements.settings(source.bootstrapServers(), FETCH);
    settings.put(ConsumerConfig.GROUP_ID_CONFIG, source.group());
    settings.put(ConsumerConfig.SHARE_ACKNOWLEDGEMENT_MODE_CONFIG, "explicit");
    settings.put(ConsumerConfig.SHARE_ACQUIRE_MODE_CONFIG, "record_limit");
    settings.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, 1);
    return settings;
  }
}
