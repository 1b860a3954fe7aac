package io.capataz.supervisor.dispatch;

import io.capataz.common.protocol.BrokerAccess;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
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

  static final String NAME = "capataz.events";

  private static final TopicPlan PLAN =
      new TopicPlan(
          NAME,
          1,
          Map.of("retention.ms", "3600000", "segment.ms", "600000", "cleanup.policy", "delete"),
          false);

  private static final Duration POLL = Duration.ofSeconds(1);
  private static final Duration AFTER_FAILURE = Duration.ofSeconds(2);
  private static final Duration CLOSING = Duration.ofSeconds(3);

  private final Map<String, Object> settings = new HashMap<>();
  private final ExecutorService background;
  private final TopicAdmin broker;
  private final TopicSetup setup;
  private final AtomicBoolean reads = new AtomicBoolean();
  private final CountDownLatch closed = new CountDownLatch(1);
  private final CountDownLatch readNoMore = new CountDownLatch(1);
  private @Nullable KafkaProducer<String, byte[]> producer;
  private volatile @Nullable KafkaConsumer<String, byte[]> consumer;

  EventTopic(
      String bootstrapServers,
      KafkaSecuritySettings security,
      ExecutorService background,
      InstantSource clock) {
    this.background = background;
    settings.putAll(security.own().map(BrokerAccess::clientSettings).orElse(Map.of()));
    settings.put("bootstrap.servers", bootstrapServers);
    settings.put("client.id", "capataz-supervisor-events");
    settings.put("auto.include.jmx.reporter", "false");
    settings.put("request.timeout.ms", 5_000);
    settings.put("reconnect.backoff.max.ms", 5_000);
    settings.put("default.api.timeout.ms", 10_000);
    this.broker = new KafkaTopicAdmin(settings);
    this.setup = new TopicSetup(broker, clock);
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
    if (closed.getCount() == 0 || !setup.ensure(PLAN)) {
      return false;
    }
    try {
      var sent = new ProducerRecord<>(NAME, from, record);
      sent.headers()
          .add(new RecordHeader("content-type", type.getBytes(StandardCharsets.US_ASCII)));
      var _ = producer().send(sent).get(10, TimeUnit.SECONDS);
      setup.accepted(NAME);
      return true;
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
      return false;
    } catch (java.util.concurrent.ExecutionException
        | java.util.concurrent.TimeoutException
        | KafkaException
        | IllegalStateException failure) {
      setup.failed(NAME, failure);
      return false;
    }
  }

  private synchronized KafkaProducer<String, byte[]> producer() {
    if (producer == null) {
      var its = new HashMap<>(settings);
      its.remove("default.api.timeout.ms");
      its.put("acks", "all");
      its.put("buffer.memory", 4 * 1024 * 1024);
      its.put("max.request.size", 1024 * 1024);
      its.put("max.block.ms", 5_000);
      its.put("delivery.timeout.ms", 5_000);
      its.put("linger.ms", 0);
      producer = new KafkaProducer<>(its, new StringSerializer(), new ByteArraySerializer());
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
        if (setup.ensure(PLAN)) {
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
            consumerSettings(), new StringDeserializer(), new ByteArrayDeserializer())) {
      consumer = reading;
      var only = List.of(new TopicPartition(NAME, 0));
      reading.assign(only);
      reading.seekToEnd(only);
      while (closed.getCount() > 0) {
        reading.poll(POLL).forEach(record -> reader.heard(record.key(), record.value()));
      }
    } catch (WakeupException closing) {
      log.atDebug().log("events are read no more");
    } catch (KafkaException failure) {
      if (closed.getCount() > 0) {
        setup.failed(NAME, failure);
      }
    } finally {
      consumer = null;
    }
  }

  private Map<String, Object> consumerSettings() {
    var its = new HashMap<>(settings);
    its.put("enable.auto.commit", "false");
    its.put("auto.offset.reset", "latest");
    its.put("allow.auto.create.topics", "false");
    its.put("fetch.max.wait.ms", 500);
    return its;
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
    broker.close();
  }
}
