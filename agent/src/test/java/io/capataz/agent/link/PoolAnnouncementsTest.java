package io.capataz.agent.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.capataz.common.protocol.Announcement;
import io.capataz.common.protocol.Bytes;
import io.capataz.common.protocol.MessageJson;
import io.capataz.common.protocol.SessionOpening.PoolSource;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.consumer.AcknowledgeType;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.MockShareConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicIdPartition;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.GroupMaxSizeReachedException;
import org.apache.kafka.common.errors.InterruptException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** One member of a share group, with a fake broker and a fake job loop. */
class PoolAnnouncementsTest {

  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final PoolSource SOURCE =
      new PoolSource("builders", "nowhere:1", "capataz.pool.builders", "capataz.pool.builders");

  private final LinkedBlockingQueue<byte[]> records = new LinkedBlockingQueue<>();
  private final List<String> story = new CopyOnWriteArrayList<>();
  private final Semaphore slots = new Semaphore(0);
  private final AtomicInteger broken = new AtomicInteger();
  private final AtomicInteger closed = new AtomicInteger();
  private volatile Taking taking = _ -> true;
  private Thread thread;

  private interface Taking {
    boolean take(String job) throws InterruptedException;
  }

  /** Kafka's mock consumer, which has no other members and does not wait. */
  private final class FakeConsumer extends MockShareConsumer<byte[], byte[]> {
    private long offset;

    @Override
    public synchronized ConsumerRecords<byte[], byte[]> poll(Duration timeout) {
      if (broken.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
        throw new GroupMaxSizeReachedException("full");
      }
      try {
        var record =
            new ConsumerRecord<byte[], byte[]>(SOURCE.topic(), 0, offset++, null, records.take());
        return new ConsumerRecords<>(
            Map.of(new TopicPartition(SOURCE.topic(), 0), List.of(record)), Map.of());
      } catch (InterruptedException e) {
        throw new InterruptException(e);
      }
    }

    @Override
    public synchronized void acknowledge(
        ConsumerRecord<byte[], byte[]> record, AcknowledgeType type) {
      story.add(type.toString());
    }

    @Override
    public synchronized Map<TopicIdPartition, Optional<KafkaException>> commitSync(
        Duration timeout) {
      story.add("commit");
      return Map.of();
    }

    @Override
    public synchronized void close(Duration timeout) {
      assertThat(Thread.currentThread().isInterrupted()).isFalse();
      closed.incrementAndGet();
      super.close(timeout);
    }
  }

  @BeforeEach
  void aMember() {
    var listener =
        new PoolListener() {
          @Override
          public void awaitFreeSlot() throws InterruptedException {
            slots.acquire();
          }

          @Override
          public boolean take(String job, Duration patience) throws InterruptedException {
            story.add("take " + job);
            return taking.take(job);
          }
        };
    thread =
        Thread.ofPlatform()
            .start(
                new PoolAnnouncements(
                    SOURCE,
                    new Backoff(Duration.ofMillis(1), Duration.ofMillis(5), new Random()),
                    listener,
                    FakeConsumer::new));
  }

  @AfterEach
  void stop() throws InterruptedException {
    thread.interrupt();
    assertThat(thread.join(PATIENCE)).isTrue();
  }

  private void announce(Announcement announcement) {
    records.add(MessageJson.write(announcement));
  }

  private void awaitStory(String... told) {
    await().atMost(PATIENCE).untilAsserted(() -> assertThat(story).containsExactly(told));
  }

  @Test
  void a_record_is_accepted_once_its_job_is_decided() {
    slots.release(100);
    announce(Announcement.forPool("builders", "j1", 1));
    announce(Announcement.forPool("builders", "j2", 1));

    awaitStory("take j1", "accept", "commit", "take j2", "accept", "commit");
  }

  @Test
  void what_cannot_be_asked_for_is_left_to_others() {
    slots.release(100);
    taking = job -> job.equals("j2");

    announce(Announcement.forPool("builders", "j1", 1));
    announce(Announcement.forPool("builders", "j2", 1));

    awaitStory("take j1", "release", "commit", "take j2", "accept", "commit");
  }

  @Test
  void what_nobody_could_ask_for_is_rejected() {
    slots.release(100);
    records.add(Bytes.utf8("junk").toArray());
    announce(Announcement.forPool("others", "j1", 1));
    announce(Announcement.forHost("builders", "j1", 1));
    announce(Announcement.look("builders"));

    awaitStory("reject", "commit", "reject", "commit", "reject", "commit", "reject", "commit");
  }

  @Test
  void without_a_free_slot_no_record_is_taken() {
    announce(Announcement.forPool("builders", "j1", 1));
    announce(Announcement.forPool("builders", "j2", 1));
    await().atMost(PATIENCE).until(slots::hasQueuedThreads);
    assertThat(records).hasSize(2);

    slots.release();

    awaitStory("take j1", "accept", "commit");
    await().atMost(PATIENCE).until(slots::hasQueuedThreads);
    assertThat(records).hasSize(1);
  }

  @Test
  void a_broken_broker_costs_time_only() {
    broken.set(3);
    announce(Announcement.forPool("builders", "j1", 1));

    slots.release(100);

    awaitStory("take j1", "accept", "commit");
    assertThat(closed).hasValue(3);
  }

  @Test
  void a_record_that_is_held_when_it_ends_is_not_accepted() throws Exception {
    slots.release();
    taking =
        _ -> {
          new Semaphore(0).acquire();
          return true;
        };
    announce(Announcement.forPool("builders", "j1", 1));
    awaitStory("take j1");

    thread.interrupt();

    assertThat(thread.join(PATIENCE)).isTrue();
    assertThat(story).containsExactly("take j1");
    assertThat(closed).hasValue(1);
  }
}
