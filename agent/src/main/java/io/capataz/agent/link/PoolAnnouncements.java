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
 * Reads announcements of waiting jobs for a pool from Kafka, as a member of the pool's share group.
 * Each record is delivered to one member. It is acknowledged as soon as the claim for its job is
 * decided, never held while a script runs, and released to another member if it cannot be claimed
 * here. A lost record costs latency only.
 *
 * <p>Runs until {@link #stop} is called and its thread is interrupted.
 */
final class PoolAnnouncements implements Runnable {

  private static final Logger log = LoggerFactory.getLogger(PoolAnnouncements.class);

  /**
   * Practically unlimited. A poll that times out may leave a fetch in flight, whose record would be
   * held here until the next poll, which requires a free slot.
   */
  private static final Duration POLL = Duration.ofDays(1);

  /** Much shorter than the broker's acquisition lock on the record. */
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  /**
   * New records end a waiting fetch, but records released by other members are only found by later
   * fetches. So this bounds how long the record of a failed member takes to arrive.
   */
  private static final Duration FETCH = Duration.ofSeconds(1);

  /**
   * Leaving the group waits for the fetch in flight. Without it the broker detects the lost
   * connection, which takes longer.
   */
  private static final Duration GOODBYE = FETCH.multipliedBy(2);

  private final PoolSource source;
  private final Backoff backoff;
  private final PoolListener listener;
  private final Supplier<ShareConsumer<byte[], byte[]>> consumers;
  private volatile boolean stopped;

  PoolAnnouncements(
      PoolSource source, BrokerClient broker, Backoff backoff, PoolListener listener) {
    this(
        source,
        backoff,
        listener,
        () -> new KafkaShareConsumer<>(broker.checked(settings(source, broker))));
  }

  /**
   * @param source broker, topic and group
   * @param backoff pauses between reconnects
   * @param listener receives the jobs
   * @param consumers creates an unsubscribed consumer
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

  /**
   * Must be followed by an interrupt, which alone may be lost: the client swallows some interrupts.
   */
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
          // A member that does not poll for long leaves the group, and rejoins with its next poll.
          listener.awaitFreeSlot();
          failures = isReleased(consumer) ? failures + 1 : 0;
          if (failures > 0) {
            // A released record may return at once, and after a few deliveries it is not delivered
            // any more.
            Thread.sleep(backoff.pause(failures));
          }
        }
      } catch (InterruptException | InterruptedException e) {
        Thread.currentThread().interrupt();
        stopped = true;
      } catch (WrongProtocol told) {
        pause(++failures);
      } catch (KafkaException | IllegalStateException | OutOfMemoryError e) {
        // The client throws IllegalStateException for records that it no longer holds.
        failures++;
        log.warn(
            "cannot read announcements of pool {} ({}); jobs are found by polling meanwhile",
            source.pool(),
            Announcements.reason(e));
        pause(failures);
      } finally {
        close(consumer);
      }
    }
  }

  /** Polls for a record and acknowledges it; true if it was released to another member. */
  private boolean isReleased(ShareConsumer<byte[], byte[]> consumer) throws InterruptedException {
    var fate = AcknowledgeType.ACCEPT;
    for (var waiting : consumer.poll(POLL)) {
      fate = fate(waiting);
      consumer.acknowledge(waiting, fate);
    }
    commit(consumer);
    return fate == AcknowledgeType.RELEASE;
  }

  private AcknowledgeType fate(ConsumerRecord<byte[], byte[]> waiting) throws InterruptedException {
    var job = job(waiting.value());
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
      var announcement = MessageJson.read(value, Announcement.class);
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

  /** Commits the acknowledgements. If this fails, the broker's acquisition lock expires. */
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

  /** Closes the consumer, which releases the records that it holds. */
  private static void close(@Nullable ShareConsumer<byte[], byte[]> consumer) {
    // The client does not leave the group properly on an interrupted thread.
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

  /** Polls one record at a time, like the job loop claims. */
  private static Map<String, Object> settings(PoolSource source, BrokerClient broker) {
    return broker.settings(
        source.bootstrapServers(),
        source.access(),
        FETCH,
        Map.of(
            ConsumerConfig.GROUP_ID_CONFIG,
            source.group(),
            ConsumerConfig.SHARE_ACKNOWLEDGEMENT_MODE_CONFIG,
            "explicit",
            ConsumerConfig.SHARE_ACQUIRE_MODE_CONFIG,
            "record_limit",
            ConsumerConfig.MAX_POLL_RECORDS_CONFIG,
            1));
  }
}
