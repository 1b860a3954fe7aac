package io.capataz.supervisor.dispatch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.capataz.common.protocol.Announcement;
import io.capataz.common.protocol.MessageJson;
import io.capataz.common.secret.Secret;
import io.capataz.embedded.broker.BrokerPasswords;
import io.capataz.embedded.broker.EmbeddedBroker;
import io.capataz.supervisor.dispatch.KafkaSecuritySettings.Mechanism;
import io.capataz.supervisor.dispatch.KafkaSecuritySettings.Protocol;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A Kafka that wants to know who is there. */
class KafkaSecurityTest {

  @TempDir Path folder;

  @Test
  void a_supervisor_announces_with_its_password_and_agents_are_told_theirs_alone()
      throws Exception {
    var passwords = BrokerPasswords.random();
    try (var broker = EmbeddedBroker.start(folder, 0, passwords)) {
      var topics =
          topics(broker.bootstrapServers(), users(passwords.supervisor(), passwords.agent()));
      try {
        var place = new CompletableFuture<AnnouncementTopics.Place>();
        assertThat(topics.ensureHosts()).isTrue();
        assertThat(topics.ensurePool("p1")).isTrue();
        topics.publish(
            "h1",
            MessageJson.write(Announcement.forHost("h1", "j1", 1)),
            place::complete,
            place::completeExceptionally);
        assertThat(place.get(30, TimeUnit.SECONDS).topic()).isEqualTo("capataz.announcements");

        var told = topics.sourceFor("h1").orElseThrow();
        var json = json(told);
        assertThat(json)
            .contains(passwords.agent().reveal())
            .doesNotContain(passwords.supervisor().reveal());
        assertThat(told.toString()).doesNotContain(passwords.agent().reveal());
        assertThat(json(topics.sourceForPool("p1").orElseThrow()))
            .contains(passwords.agent().reveal());
      } finally {
        topics.destroy();
      }
    }
  }

  @Test
  void a_broker_that_refuses_the_password_holds_nobody_up() throws Exception {
    var passwords = BrokerPasswords.random();
    try (var broker = EmbeddedBroker.start(folder, 0, passwords)) {
      var topics = topics(broker.bootstrapServers(), users(Secret.of("wrong"), passwords.agent()));
      try {
        assertThat(topics.ensureHosts()).isFalse();
      } finally {
        topics.destroy();
      }
    }
  }

  /** On many clusters somebody else makes topics, and few may. */
  @Test
  void topics_that_are_there_are_used_by_a_supervisor_that_may_not_create_any() throws Exception {
    var passwords = BrokerPasswords.random();
    try (var broker = EmbeddedBroker.start(folder, 0, passwords)) {
      var maker =
          topics(broker.bootstrapServers(), users(passwords.supervisor(), passwords.agent()));
      try {
        assertThat(maker.ensureHosts()).isTrue();
        assertThat(maker.ensurePool("p1")).isTrue();
      } finally {
        maker.destroy();
      }
      // The agents' user may read the topics and not create or configure anything.
      var limited =
          topics(
              broker.bootstrapServers(),
              user(BrokerPasswords.AGENT, passwords.agent(), passwords.agent()));
      try {
        assertThat(limited.ensureHosts()).isTrue();
        assertThat(limited.ensurePool("p1")).describedAs("its group's setting is refused").isTrue();
        assertThat(limited.ensurePool("p2")).isFalse();
        assertThat(limited.nextAttempt(Optional.of("p2")))
            .isAfter(InstantSource.system().instant().plusSeconds(10));
        assertThat(limited.nextAttempt(Optional.of("p1")))
            .isBefore(InstantSource.system().instant());
      } finally {
        limited.destroy();
      }
    }
  }

  @Test
  void agents_without_a_user_are_told_of_no_broker() {
    var topics = topics("127.0.0.1:1", users(Secret.of("known"), null));
    try {
      assertThat(topics.sourceFor("h1")).isEmpty();
      assertThat(topics.sourceForPool("p1")).isEmpty();
    } finally {
      topics.destroy();
    }
  }

  @Test
  void a_broker_that_lets_everybody_in_adds_nothing_to_what_agents_are_told() {
    var topics = topics("127.0.0.1:1", KafkaSecuritySettings.NONE);
    try {
      assertThat(json(topics.sourceFor("h1").orElseThrow()))
          .isEqualTo(
              "{\"bootstrap_servers\":\"127.0.0.1:1\",\"topic\":\"capataz.announcements\",\"partition\":%d}"
                  .formatted(topics.sourceFor("h1").orElseThrow().partition()));
    } finally {
      topics.destroy();
    }
  }

  @Test
  void a_prefix_keeps_two_installations_on_one_cluster_apart() throws Exception {
    try (var broker = EmbeddedBroker.start(folder, 0)) {
      var kafka =
          new KafkaSettings(
              KafkaSecuritySettings.NONE,
              new KafkaClientSettings(null, "outside:9094"),
              new KafkaTopicSettings("blue.", 1, 1, true));
      var topics = TestTopics.on(broker.bootstrapServers(), 2, kafka);
      try {
        assertThat(topics.ensureHosts()).isTrue();
        assertThat(topics.ensurePool("p1")).isTrue();
        assertThat(topics.sourceForPool("p1").orElseThrow().group()).isEqualTo("blue.pool.p1");
        assertThat(topics.sourceFor("h1").orElseThrow().bootstrapServers())
            .describedAs("agents reach brokers by other addresses")
            .isEqualTo("outside:9094");
      } finally {
        topics.destroy();
      }
      try (var admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrapServers()))) {
        assertThat(admin.listTopics().names().get(10, TimeUnit.SECONDS))
            .containsExactlyInAnyOrder("blue.announcements", "blue.pool.p1");
      }
    }
  }

  /** The first mistake that everybody makes; see KAFKA-4090. */
  @Test
  void a_broker_without_tls_met_with_tls_is_told_at_once() throws Exception {
    try (var broker = EmbeddedBroker.start(folder, 0)) {
      var clients =
          new KafkaClients(
              broker.bootstrapServers(), protocol(Protocol.SSL), KafkaClientSettings.NONE);

      assertThatThrownBy(clients::checkPorts)
          .isInstanceOf(WrongProtocol.class)
          .hasMessageContaining("speaks clear text, but security.protocol is SSL");
      new KafkaClients(
              broker.bootstrapServers(), KafkaSecuritySettings.NONE, KafkaClientSettings.NONE)
          .checkPorts();
    }
  }

  private static KafkaSecuritySettings protocol(Protocol protocol) {
    return new KafkaSecuritySettings(
        protocol, Mechanism.SCRAM_SHA_512, null, null, null, null, null, null, null);
  }

  @Test
  void passwords_and_certificates_come_from_files() throws Exception {
    var settings =
        new KafkaSecuritySettings(
            Protocol.SASL_SSL,
            Mechanism.SCRAM_SHA_512,
            "capataz",
            null,
            Files.writeString(folder.resolve("password"), "se\"cret\n"),
            null,
            null,
            null,
            Files.writeString(folder.resolve("ca.pem"), "CERTIFICATES\n"));

    assertThat(settings.own().orElseThrow().clientSettings())
        .containsEntry("security.protocol", "SASL_SSL")
        .containsEntry("sasl.mechanism", "SCRAM-SHA-512")
        .containsEntry(
            "sasl.jaas.config",
            "org.apache.kafka.common.security.scram.ScramLoginModule required username=\"capataz\""
                + " password=\"se\\\"cret\";")
        .containsEntry("ssl.truststore.certificates", "CERTIFICATES");
    assertThat(settings.toString()).doesNotContain("cret");
  }

  @Test
  void halves_of_a_login_are_refused() {
    assertThatThrownBy(() -> users(null, null)).hasMessageContaining("needs a user");
    assertThatThrownBy(
            () ->
                new KafkaSecuritySettings(
                    Protocol.SSL,
                    Mechanism.PLAIN,
                    "u",
                    Secret.of("p"),
                    null,
                    null,
                    null,
                    null,
                    null))
        .hasMessageContaining("has no users");
  }

  private static String json(Object message) {
    return new String(MessageJson.write(message), StandardCharsets.UTF_8);
  }

  private static KafkaSecuritySettings users(@Nullable Secret own, @Nullable Secret agents) {
    return user(BrokerPasswords.SUPERVISOR, own, agents);
  }

  private static KafkaSecuritySettings user(
      String name, @Nullable Secret own, @Nullable Secret agents) {
    return new KafkaSecuritySettings(
        Protocol.SASL_PLAINTEXT,
        Mechanism.PLAIN,
        name,
        own,
        null,
        agents == null ? null : BrokerPasswords.AGENT,
        agents,
        null,
        null);
  }

  private static TestTopics topics(String servers, KafkaSecuritySettings security) {
    return TestTopics.on(
        servers,
        4,
        new KafkaSettings(security, KafkaClientSettings.NONE, KafkaTopicSettings.USUAL));
  }
}
