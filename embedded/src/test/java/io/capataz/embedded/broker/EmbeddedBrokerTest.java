package io.capataz.embedded.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.capataz.common.command.StartFailure;
import io.capataz.embedded.ChildJvm;
import io.capataz.embedded.QuietLogs;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.KafkaShareConsumer;
import org.apache.kafka.clients.consumer.ShareConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmbeddedBrokerTest {

  private static final String READY = "broker ready on ";

  @TempDir Path folder;

  @BeforeAll
  static void quiet() {
    QuietLogs.now();
  }

  @Test
  void keeps_what_it_acknowledged_when_killed_and_comes_back_on_other_ports() throws Exception {
    String before;
    try (ChildJvm broker =
        ChildJvm.start(BrokerCommand.class, "--no-password", "--data", folder.toString())) {
      before = address(broker);
      createTopic(before, "news");
      send(before, "news", 0, 500);

      broker.kill();
    }

    try (ChildJvm broker =
        ChildJvm.start(BrokerCommand.class, "--no-password", "--data", folder.toString())) {
      String after = address(broker);
      assertThat(after).as("another port").isNotEqualTo(before);
      send(after, "news", 500, 10);
      assertThat(readAll(after, "news", 510))
          .containsExactlyElementsOf(IntStream.range(0, 510).mapToObj(n -> "record " + n).toList());
      assertThat(broker.terminate()).as("told to stop by SIGTERM").isEqualTo(143);
    }
  }

  @Test
  void survives_a_kill_in_the_middle_of_its_first_start() throws Exception {
    // The cluster id is there, the metadata log is not: the earliest moment at which a kill leaves
    // something.
    EmbeddedBroker.format(folder);

    try (EmbeddedBroker broker = EmbeddedBroker.start(folder, 0)) {
      createTopic(broker.bootstrapServers(), "news");
    }
  }

  @Test
  void serves_a_share_group_on_one_node() throws Exception {
    try (EmbeddedBroker broker = EmbeddedBroker.start(folder, 0)) {
      createTopic(broker.bootstrapServers(), "pool");
      readGroupFromItsBeginning(broker.bootstrapServers(), "crew");
      send(broker.bootstrapServers(), "pool", 0, 3);

      List<String> heard = new ArrayList<>();
      try (ShareConsumer<String, String> consumer =
          new KafkaShareConsumer<>(
              Map.of("bootstrap.servers", broker.bootstrapServers(), "group.id", "crew"),
              new StringDeserializer(),
              new StringDeserializer())) {
        consumer.subscribe(List.of("pool"));
        Awaitility.await()
            .atMost(60, TimeUnit.SECONDS)
            .until(
                () -> {
                  consumer.poll(Duration.ofMillis(200)).forEach(r -> heard.add(r.value()));
                  return heard.size() >= 3;
                });
      }
      assertThat(heard).containsExactly("record 0", "record 1", "record 2");
    }
  }

  @Test
  void makes_no_topic_that_nobody_ordered() throws Exception {
    try (EmbeddedBroker broker = EmbeddedBroker.start(folder, 0);
        Admin admin = admin(broker.bootstrapServers())) {
      assertThatThrownBy(
              () -> admin.describeTopics(List.of("typo")).allTopicNames().get(20, TimeUnit.SECONDS))
          .isInstanceOf(ExecutionException.class)
          .hasCauseInstanceOf(UnknownTopicOrPartitionException.class);
      assertThat(admin.listTopics().names().get(20, TimeUnit.SECONDS)).isEmpty();
    }
  }

  @Test
  void may_be_closed_twice_and_started_again() throws Exception {
    EmbeddedBroker first = EmbeddedBroker.start(folder, 0);
    createTopic(first.bootstrapServers(), "news");
    send(first.bootstrapServers(), "news", 0, 1);
    first.close();
    first.close();

    try (EmbeddedBroker second = EmbeddedBroker.start(folder, 0)) {
      assertThat(readAll(second.bootstrapServers(), "news", 1)).containsExactly("record 0");
    }
  }

  @Test
  void says_so_when_the_port_it_was_given_is_taken() throws IOException {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      assertThatThrownBy(() -> EmbeddedBroker.start(folder, taken.getLocalPort()))
          .isInstanceOf(StartFailure.class)
          .hasMessageContaining("Port %d of 127.0.0.1 is taken".formatted(taken.getLocalPort()));
    }
  }

  private static String address(ChildJvm broker) {
    return broker.lineBeginningWith(READY).substring(READY.length()).split(" ", 2)[0];
  }

  private static Admin admin(String address) {
    return Admin.create(Map.of("bootstrap.servers", address));
  }

  private static void createTopic(String address, String topic) throws Exception {
    try (Admin admin = admin(address)) {
      admin
          .createTopics(List.of(new NewTopic(topic, 1, (short) 1)))
          .all()
          .get(30, TimeUnit.SECONDS);
    }
  }

  private static void readGroupFromItsBeginning(String address, String group) throws Exception {
    try (Admin admin = admin(address)) {
      admin
          .incrementalAlterConfigs(
              Map.of(
                  new ConfigResource(ConfigResource.Type.GROUP, group),
                  List.of(
                      new AlterConfigOp(
                          new ConfigEntry("share.auto.offset.reset", "earliest"),
                          AlterConfigOp.OpType.SET))))
          .all()
          .get(30, TimeUnit.SECONDS);
    }
  }

  /** Sends and waits until every one is acknowledged. */
  private static void send(String address, String topic, int first, int count) throws Exception {
    try (KafkaProducer<String, String> producer =
        new KafkaProducer<>(
            Map.of("bootstrap.servers", address, "acks", "all"),
            new StringSerializer(),
            new StringSerializer())) {
      for (int n = first; n < first + count; n++) {
        producer
            .send(new ProducerRecord<>(topic, 0, null, "record " + n))
            .get(30, TimeUnit.SECONDS);
      }
    }
  }

  private static List<String> readAll(String address, String topic, int count) {
    List<String> values = new ArrayList<>();
    try (KafkaConsumer<String, String> consumer =
        new KafkaConsumer<>(
            Map.of("bootstrap.servers", address),
            new StringDeserializer(),
            new StringDeserializer())) {
      TopicPartition partition = new TopicPartition(topic, 0);
      consumer.assign(List.of(partition));
      consumer.seekToBeginning(List.of(partition));
      Awaitility.await()
          .atMost(30, TimeUnit.SECONDS)
          .until(
              () -> {
                for (ConsumerRecord<String, String> r : consumer.poll(Duration.ofMillis(200))) {
                  values.add(r.value());
                }
                return values.size() >= count;
              });
    }
    return values;
  }
}
