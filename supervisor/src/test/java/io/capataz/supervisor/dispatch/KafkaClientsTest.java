package io.capataz.supervisor.dispatch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.capataz.common.command.UsageError;
import io.capataz.common.secret.Secret;
import io.capataz.supervisor.dispatch.KafkaSecuritySettings.Mechanism;
import io.capataz.supervisor.dispatch.KafkaSecuritySettings.Protocol;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What Kafka's clients are told, and what is refused at the start. */
class KafkaClientsTest {

  @TempDir Path folder;

  private KafkaClientSettings file(String text) throws IOException {
    return new KafkaClientSettings(
        Files.writeString(folder.resolve("client.properties"), text), null);
  }

  private KafkaClients clients(String text) throws IOException {
    return new KafkaClients("127.0.0.1:1", KafkaSecuritySettings.NONE, file(text));
  }

  @Test
  void the_file_wins_and_each_client_gets_what_it_knows() throws IOException {
    var clients = clients("client.id=blue\nlinger.ms=7\nfetch.max.wait.ms=9\n");

    assertThat(clients.producer("-x", Map.of("linger.ms", 0)))
        .containsEntry("linger.ms", "7")
        .containsEntry("client.id", "blue-x")
        .containsEntry("bootstrap.servers", "127.0.0.1:1")
        .doesNotContainKey("fetch.max.wait.ms");
    assertThat(clients.consumer("", Map.of())).containsEntry("fetch.max.wait.ms", "9");
    assertThat(clients.admin()).containsEntry("client.id", "blue-admin");
  }

  @Test
  void longer_requests_get_longer_calls() throws IOException {
    var clients = clients("request.timeout.ms=30000\n");

    assertThat(clients.producer("", Map.of("delivery.timeout.ms", 10_000)))
        .containsEntry("delivery.timeout.ms", 35_000);
    assertThat(clients.admin()).containsEntry("default.api.timeout.ms", 35_000);
  }

  @Test
  void a_supervisor_starts_before_its_brokers_have_a_name() throws IOException {
    var unknown =
        new KafkaClients(
            "kafka.invalid:9092,[::1]:9092", KafkaSecuritySettings.NONE, KafkaClientSettings.NONE);

    unknown.checkPorts();
    assertThat(unknown.admin()).containsEntry("client.id", "capataz-supervisor-admin");
  }

  @Test
  void addresses_without_a_port_are_refused() {
    assertThatThrownBy(
            () ->
                new KafkaClients("nonsense", KafkaSecuritySettings.NONE, KafkaClientSettings.NONE))
        .isInstanceOf(UsageError.class)
        .hasMessageStartingWith(
            "Invalid capataz.kafka (CAPATAZ_KAFKA, --kafka) 'nonsense': must be HOST:PORT");
  }

  @Test
  void a_key_store_that_is_not_there_is_told_at_the_start_without_its_password() {
    assertThatThrownBy(
            () ->
                clients(
                    """
                    security.protocol=SSL
                    ssl.keystore.location=/none.p12
                    ssl.keystore.password=hush
                    ssl.keystore.type=PKCS12
                    """))
        .isInstanceOf(UsageError.class)
        .hasMessageContaining("/none.p12")
        .hasMessageNotContaining("hush");
    assertThatThrownBy(() -> clients("security.protocol=TLS\n"))
        .isInstanceOf(UsageError.class)
        .hasMessageContaining("invalid value of security.protocol");
    assertThatThrownBy(() -> clients("request.timeout.ms=soon\n"))
        .isInstanceOf(UsageError.class)
        .hasMessageContaining("invalid value of request.timeout.ms");
  }

  @Test
  void one_thing_is_said_in_one_place() {
    var security =
        new KafkaSecuritySettings(
            Protocol.SASL_PLAINTEXT,
            Mechanism.PLAIN,
            "u",
            Secret.of("p"),
            null,
            null,
            null,
            null,
            null);

    assertThatThrownBy(
            () -> new KafkaClients("127.0.0.1:1", security, file("security.protocol=SASL_SSL\n")))
        .isInstanceOf(UsageError.class)
        .hasMessageContaining("security.protocol in the file")
        .hasMessageContaining("also set by capataz.kafka-security.*");
  }
}
