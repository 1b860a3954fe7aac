package io.capataz.supervisor.dispatch;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.DisposableBean;

/**
 * The Kafka topic over which supervisors hear of each other's jobs; anyone else may read it, too.
 * What is in a record is not known here.
 *
 * <p>It is read by every supervisor that has clients to tell, from its end, without a group. What
 * is lost is found in the store.
 */
public class EventTopic implements DisposableBean {

  private static final Logger log = LoggerFactory.getLogger(EventTopic.class);

  private static final String SUFFIX = "-events";

  private static final Map<String, Object> FOR_PRODUCER =
      Map.of(
          "request.timeout.ms",
          5_000,
          "reconnect.backoff.max.ms",
          5_000L,
          "acks",
          "all",
          "buffer.memory",
          4 * 1024 * 1024,
          "max.request.size",
          1024 * 1024,
          "max.block.ms",
          5_000,
          "delivery.timeout.ms",
          5_000,
          "linger.ms",
          0);

  private static final Map<String, Object> FOR_CONSUMER =
      Map.of(
          "request.timeout.ms",
          5_000,
          "reconnect.backoff.max.ms",
          5_000L,
          "default.api.timeout.ms",
          10_000,
          "enable.auto.commit",
          "false",
          "auto.offset.reset",
          "latest",
          "allow.auto.create.topics",
          "false",
          "fetch.max.wait.ms",
          500);

  private static final Duration POLL = Duration.ofSeconds(1);
  private static final Duration AFTER_FAILURE = Duration.ofSeconds(2);
  private static final Duration CLOSING = Duration.ofSeconds(3);

  private final KafkaClients clients;
  private final String name;
  private final TopicPlan plan;
  private final ExecutorService background;
  private final TopicSetup setup;
  private final AtomicBoolean reads = new AtomicBoolean();
  private final CountDownLatch closed = new CountDownLatch(1);
  private final CountDownLatch readNoMore = new CountDownLatch(1);
  private @Nullable KafkaProducer<String, byte[]> producer;
  private volatile @Nullable KafkaConsumer<String, byte[]> consumer;

  EventTopic(
      KafkaTopicSettings topics,
      KafkaClients clients,
      TopicSetup setup,
      ExecutorService background) {
    this.clients = clients;
    this.setup = setup;
    this.background = background;
    this.name = topics.ofEvents();
    this.plan =
        topics.plan(
            name,
            1,
            Map.of("retention.ms", "3600000", "segment.ms", "600000", "cleanup.policy", "delete"),
            false);
  }

  /** Hears of records. */
  @FunctionalInterface
  public interface Reader {

    /**
     * A record has arrived.
     *
     * @param from the sender's name; one's own records arrive, too
     */
    void heard(String from, byte[] record);
  }

  /**
   * Writes a record and waits until the broker has taken it, some seconds at most.
   *
   * @param type its media type
   * @return whether it has
   */
  public boolean publish(String from, String type, byte[] record) {
    if (closed.getCount() == 0 || !setup.ensure(plan)) {
      return false;
    }
    try {
      var sent = new ProducerRecord<>(name, from, record);
      sent.headers()
          .add(new RecordHeader("content-type", type.getBytes(StandardCharsets.US_ASCII)));
      var _ = producer().send(sent).get(10, TimeUnit.SECONDS);
      setup.accepted(name);
      return true;
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
      return false;
    } catch (java.util.concurrent.ExecutionException
        | java.util.concurrent.TimeoutException
        | KafkaException
        | IllegalStateException failure) {
      setup.failed(name, failure);
      return false;
    }
  }

  private synchronized KafkaProducer<String, byte[]> producer() {
    if (producer == null) {
      producer =
          new KafkaProducer<>(
              clients.producer(SUFFIX, FOR_PRODUCER),
              new StringSerializer(),
              new ByteArraySerializer());
    }
    return producer;
  }

  /** Begins to read, from the end, until this supervisor ends; once. */
  public void read(Reader reader) {
    if (reads.compareAndSet(false, true)) {
      background.execute(() -> readAlways(reader));
    }
  }

  private void readAlways(Reader reader) {
    try {
      do {
        if (setup.ensure(plan)) {
          readUntilFailure(reader);
        }
      } while (!closed.await(AFTER_FAILURE.toMillis(), TimeUnit.MILLISECONDS));
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
    } finally {
      readNoMore.countDown();
    }
  }

  private void readUntilFailure(Reader reader) {
    try (var reading =
        new KafkaConsumer<>(
            clients.consumer(SUFFIX, FOR_CONSUMER),
            new StringDeserializer(),
            new ByteArrayDeserializer())) {
      consumer = reading;
      var only = List.of(new TopicPartition(name, 0));
      reading.assign(only);
      reading.seekToEnd(only);
      while (closed.getCount() > 0) {
        reading.poll(POLL).forEach(record -> reader.heard(record.key(), record.value()));
      }
    } catch (WakeupException closing) {
      log.atDebug().log("events are read no more");
    } catch (KafkaException failure) {
      if (closed.getCount() > 0) {
        setup.failed(name, failure);
      }
    } finally {
      consumer = null;
    }
  }

  @Override
  public void destroy() throws InterruptedException {
    closed.countDown();
    var reading = consumer;
    if (reading != null) {
      reading.wakeup();
      // Before its thread is interrupted, which makes its client complain.
      var _ = readNoMore.await(CLOSING.toMillis(), TimeUnit.MILLISECONDS);
    }
    synchronized (this) {
      if (producer != null) {
        producer.close(Duration.ofSeconds(2));
      }
    }
  }
}
