package io.capataz.common.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.capataz.common.command.UsageError;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a file may say to Kafka's clients. */
class BrokerPropertiesTest {

  private static final Set<String> KNOWN =
      Set.of("client.id", "request.timeout.ms", "ssl.key.password", "group.id", "acks");

  @TempDir Path folder;

  private BrokerProperties read(String text) throws IOException {
    return BrokerProperties.read(
        Files.writeString(folder.resolve("client.properties"), text), "--kafka-properties", KNOWN);
  }

  @Test
  void its_values_win_and_a_client_gets_those_it_knows() throws IOException {
    var properties = read("request.timeout.ms = 7\n# no\nssl.key.password: secret\n");

    assertThat(properties.over(Map.of("request.timeout.ms", 5), Set.of("request.timeout.ms")))
        .isEqualTo(Map.of("request.timeout.ms", "7"));
    assertThat(properties.value("client.id")).isEmpty();
    assertThat(properties.toString()).contains("ssl.key.password").doesNotContain("secret");
  }

  @Test
  void unknown_names_are_told_without_their_values() {
    assertThatThrownBy(() -> read("sssl.key.password=secret\nclient.id=x\n"))
        .isInstanceOf(UsageError.class)
        .hasMessageContaining("sssl.key.password in ")
        .hasMessageContaining("client.properties of --kafka-properties: no setting of Kafka's")
        .hasMessageNotContaining("secret");
  }

  @Test
  void names_that_the_guarantees_hang_on_are_refused_with_the_reason() {
    assertThatThrownBy(() -> read("group.id=mine\n"))
        .isInstanceOf(UsageError.class)
        .hasMessageContaining("group.id in ")
        .hasMessageContaining("decides which announcements are heard. Remove it.");
    assertThatThrownBy(() -> read("bootstrap.servers=x:1\n"))
        .hasMessageContaining("a setting of the supervisor");
    assertThatThrownBy(() -> read("acks=0\n")).hasMessageContaining("counts as written");
  }

  @Test
  void a_file_that_is_not_there_is_named() {
    assertThatThrownBy(
            () -> BrokerProperties.read(folder.resolve("none"), "capataz.x-properties-file", KNOWN))
        .isInstanceOf(UsageError.class)
        .hasMessageContaining("none of capataz.x-properties-file cannot be read");
  }
}
