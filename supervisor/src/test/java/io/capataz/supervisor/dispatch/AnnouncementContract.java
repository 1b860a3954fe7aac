package io.capataz.supervisor.dispatch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.capataz.common.protocol.Announcement;
import io.capataz.common.protocol.MessageJson;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What announcing asks of a broker; the same on the embedded one and on a real cluster. */
abstract class AnnouncementContract {

  private AnnouncementTopics topic;

  abstract String bootstrapServers();

  @BeforeEach
  void open() {
    topic = open(bootstrapServers(), 4);
  }

  @AfterEach
  void close() {
    topic.destroy();
  }

  @Test
  void the_topic_is_made_by_the_supervisor() {
    assertThat(topic.ensureHosts()).isTrue();
    try (var admin = Admin.create(Map.of("bootstrap.servers", bootstrapServers()))) {
      await()
          .untilAsserted(
              () ->
                  assertThat(admin.listTopics().names().get(10, TimeUnit.SECONDS))
                      .contains("capataz.announcements"));
    }
  }

  @Test
  void what_is_published_for_a_host_is_read_on_the_partition_that_the_host_was_told() {
    var host = "host-" + System.nanoTime();
    var source = topic.sourceFor(host).orElseThrow();
    try (var reader = readerAtTheEnd(source.topic(), source.partition())) {
      var place = publish(topic, host, "job-1");

      assertThat(place.partition()).isEqualTo(source.partition());
      assertThat(read(reader, 1)).containsExactly(Announcement.forHost(host, "job-1", 1));
    }
  }

  @Test
  void a_reader_from_the_end_hears_nothing_of_before() {
    var host = "host-" + System.nanoTime();
    publish(topic, host, "before");
    var source = topic.sourceFor(host).orElseThrow();
    try (var reader = readerAtTheEnd(source.topic(), source.partition())) {
      publish(topic, host, "after");

      assertThat(read(reader, 1)).extracting(Announcement::job).containsExactly("after");
    }
  }

  @Test
  void a_host_hears_its_announcements_in_the_order_in_which_they_were_made() {
    var host = "host-" + System.nanoTime();
    var source = topic.sourceFor(host).orElseThrow();
    try (var reader = readerAtTheEnd(source.topic(), source.partition())) {
      for (var i = 0; i < 50; i++) {
        publish(topic, host, "job-" + i);
      }

      assertThat(read(reader, 50))
          .extracting(Announcement::job)
          .containsExactlyElementsOf(
              java.util.stream.IntStream.range(0, 50).mapToObj(i -> "job-" + i).toList());
    }
  }

  @Test
  void a_topic_with_too_few_partitions_gets_more() {
    publish(topic, "any", "so that the topic is there");
    var wider = open(bootstrapServers(), 64);
    try {
      for (var i = 0; i < 200; i++) {
        publish(wider, "host-" + i, "job");
      }
      assertThat(wider.sourceFor("host-7").orElseThrow().partition()).isBetween(0, 63);
    } finally {
      wider.destroy();
    }
  }

  @Test
  void a_broker_that_is_away_is_told_as_a_refusal() {
    var away = open("127.0.0.1:1", 4);
    try {
      assertThat(published(away, "any", "job")).failsWithin(Duration.ofSeconds(30));
    } finally {
      away.destroy();
    }
  }

  private static AnnouncementTopics open(String servers, int partitions) {
    return TestTopics.on(servers, partitions, KafkaSettings.PLAIN);
  }

  private static AnnouncementTopics.Place publish(
      AnnouncementTopics topic, String host, String job) {
    return published(topic, host, job).orTimeout(30, TimeUnit.SECONDS).join();
  }

  private static CompletableFuture<AnnouncementTopics.Place> published(
      AnnouncementTopics topic, String host, String job) {
    var place = new CompletableFuture<AnnouncementTopics.Place>();
    topic.publish(
        host,
        MessageJson.write(Announcement.forHost(host, job, 1)),
        place::complete,
        place::completeExceptionally);
    return place;
  }

  /** Reads as an agent does: one partition, no group, from the end. */
  private KafkaConsumer<String, byte[]> readerAtTheEnd(String name, int partition) {
    var reader =
        new KafkaConsumer<>(
            Map.<String, Object>of(
                "bootstrap.servers", bootstrapServers(), "enable.auto.commit", "false"),
            new StringDeserializer(),
            new ByteArrayDeserializer());
    var place = new TopicPartition(name, partition);
    await().until(() -> !reader.partitionsFor(name).isEmpty());
    reader.assign(List.of(place));
    reader.seekToEnd(List.of(place));
    reader.position(place);
    return reader;
  }

  private static List<Announcement> read(KafkaConsumer<String, byte[]> reader, int count) {
    var heard = new ArrayList<Announcement>();
    await()
        .atMost(Duration.ofSeconds(30))
        .until(
            () -> {
              reader
                  .poll(Duration.ofMillis(200))
                  .forEach(r -> heard.add(MessageJson.read(r.value(), Announcement.class)));
              return heard.size() >= count;
            });
    return heard;
  }
}
