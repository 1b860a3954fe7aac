package io.capataz.embedded.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.capataz.common.protocol.BrokerAccess;
import io.capataz.common.secret.Secret;
import io.capataz.embedded.QuietLogs;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.KafkaShareConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.SaslAuthenticationException;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** Who may do what on a broker with passwords. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class BrokerLoginTest {

  private static final String HOSTS = "capataz.announcements";
  private static final String POOL = "capataz.pool.p1";
  private static final String EVENTS = "capataz.events";

  private final BrokerPasswords passwords = BrokerPasswords.random();
  private EmbeddedBroker broker;

  @BeforeAll
  void start(@TempDir Path folder) throws Exception {
    QuietLogs.now();
    broker = EmbeddedBroker.start(folder, 0, passwords);
    try (Admin admin = Admin.create(supervisor())) {
      admin
          .createTopics(
              List.of(
                  new NewTopic(HOSTS, 1, (short) 1),
                  new NewTopic(POOL, 1, (short) 1),
                  new NewTopic(EVENTS, 1, (short) 1)))
          .all()
          .get(30, TimeUnit.SECONDS);
    }
  }

  @AfterAll
  void stop() {
    broker.close();
  }

  @Test
  void a_supervisor_sets_up_topics_and_groups_and_announces() throws Exception {
    try (Admin admin = Admin.create(supervisor())) {
      assertThat(admin.describeTopics(List.of(HOSTS)).allTopicNames().get(30, TimeUnit.SECONDS))
          .containsKey(HOSTS);
      admin
          .createPartitions(Map.of(HOSTS, NewPartitions.increaseTo(2)))
          .all()
          .get(30, TimeUnit.SECONDS);
      fromTheBeginning(admin, POOL);
    }
    send(supervisor(), HOSTS, "for a host");
    send(supervisor(), POOL, "for a pool");

    assertThat(read(agent(), HOSTS)).contains("for a host");
    List<String> heard = new ArrayList<>();
    try (KafkaShareConsumer<String, String> consumer =
        new KafkaShareConsumer<>(
            with(agent(), Map.of("group.id", POOL)),
            new StringDeserializer(),
            new StringDeserializer())) {
      consumer.subscribe(List.of(POOL));
      Awaitility.await()
          .atMost(60, TimeUnit.SECONDS)
          .until(
              () -> {
                consumer.poll(Duration.ofMillis(200)).forEach(r -> heard.add(r.value()));
                return heard.contains("for a pool");
              });
    }
  }

  @Test
  void an_agent_reads_announcements_and_changes_nothing() {
    assertThatThrownBy(() -> send(agent(), HOSTS, "forged"))
        .hasRootCauseInstanceOf(AuthorizationException.class);
    try (Admin admin = Admin.create(agent())) {
      assertThatThrownBy(
              () ->
                  admin
                      .createTopics(List.of(new NewTopic("capataz.more", 1, (short) 1)))
                      .all()
                      .get(30, TimeUnit.SECONDS))
          .hasRootCauseInstanceOf(AuthorizationException.class);
      assertThatThrownBy(() -> admin.deleteTopics(List.of(HOSTS)).all().get(30, TimeUnit.SECONDS))
          .hasRootCauseInstanceOf(AuthorizationException.class);
      assertThatThrownBy(() -> fromTheBeginning(admin, POOL))
          .hasRootCauseInstanceOf(AuthorizationException.class);
    }
  }

  @Test
  void supervisors_read_their_events_and_agents_do_not() throws Exception {
    send(supervisor(), EVENTS, "a job has moved");

    assertThat(read(supervisor(), EVENTS)).contains("a job has moved");
    assertThatThrownBy(() -> read(agent(), EVENTS)).isInstanceOf(AuthorizationException.class);
    assertThatThrownBy(() -> read(supervisor(), HOSTS)).isInstanceOf(AuthorizationException.class);
  }

  @Test
  void nobody_touches_what_is_not_of_announcements() {
    for (Map<String, Object> user : List.of(agent(), supervisor())) {
      assertThatThrownBy(() -> read(user, "__share_group_state"))
          .isInstanceOf(AuthorizationException.class);
      try (Admin admin = Admin.create(user)) {
        assertThatThrownBy(
                () ->
                    admin
                        .createTopics(List.of(new NewTopic("other", 1, (short) 1)))
                        .all()
                        .get(30, TimeUnit.SECONDS))
            .hasRootCauseInstanceOf(AuthorizationException.class);
      }
    }
  }

  @Test
  void who_has_no_password_is_not_let_in() {
    Map<String, Object> guessing = user(BrokerPasswords.SUPERVISOR, Secret.of("guess"));
    for (Map<String, Object> stranger :
        List.of(guessing, user(BrokerPasswords.BROKER, passwords.supervisor()))) {
      assertThatThrownBy(() -> send(stranger, HOSTS, "forged"))
          .hasRootCauseInstanceOf(SaslAuthenticationException.class);
    }
    Map<String, Object> plain =
        new HashMap<>(
            Map.of("bootstrap.servers", broker.bootstrapServers(), "max.block.ms", 3_000));
    assertThatThrownBy(() -> send(plain, HOSTS, "forged")).isInstanceOf(Exception.class);
    assertThat(read(agent(), HOSTS)).doesNotContain("forged");
  }

  private Map<String, Object> supervisor() {
    return user(BrokerPasswords.SUPERVISOR, passwords.supervisor());
  }

  private Map<String, Object> agent() {
    return user(BrokerPasswords.AGENT, passwords.agent());
  }

  private Map<String, Object> user(String name, Secret password) {
    return with(
        new BrokerAccess("SASL_PLAINTEXT", "PLAIN", name, password.reveal(), null).clientSettings(),
        Map.of("bootstrap.servers", broker.bootstrapServers()));
  }

  private static Map<String, Object> with(Map<String, Object> settings, Map<String, Object> more) {
    Map<String, Object> all = new HashMap<>(settings);
    all.putAll(more);
    return all;
  }

  private static void fromTheBeginning(Admin admin, String group) throws Exception {
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

  private static void send(Map<String, Object> user, String topic, String text) throws Exception {
    try (KafkaProducer<String, String> producer =
        new KafkaProducer<>(
            with(user, Map.of("acks", "all", "enable.idempotence", "true")),
            new StringSerializer(),
            new StringSerializer())) {
      producer.send(new ProducerRecord<>(topic, 0, null, text)).get(30, TimeUnit.SECONDS);
    }
  }

  /** What is on the topic's first partition now. */
  private static List<String> read(Map<String, Object> user, String topic) {
    List<String> values = new ArrayList<>();
    try (KafkaConsumer<String, String> consumer =
        new KafkaConsumer<>(user, new StringDeserializer(), new StringDeserializer())) {
      TopicPartition partition = new TopicPartition(topic, 0);
      consumer.assign(List.of(partition));
      consumer.seekToBeginning(List.of(partition));
      long end = consumer.endOffsets(List.of(partition)).getOrDefault(partition, 0L);
      while (consumer.position(partition) < end) {
        consumer.poll(Duration.ofMillis(200)).forEach(each -> values.add(each.value()));
      }
    }
    return values;
  }
}
