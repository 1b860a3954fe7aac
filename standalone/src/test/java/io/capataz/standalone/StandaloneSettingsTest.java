package io.capataz.standalone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.capataz.common.command.UsageError;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class StandaloneSettingsTest {

  @Test
  void need_not_be_given_at_all() {
    assertThat(read(Map.of()))
        .isEqualTo(
            new StandaloneSettings(
                Path.of("data"),
                8080,
                "default",
                Optional.empty(),
                Optional.empty(),
                OptionalInt.empty(),
                true,
                Optional.empty()));
  }

  @Test
  void come_from_the_environment_and_a_flag_wins() {
    Map<String, String> environment =
        Map.of(
            "CAPATAZ_DATA", "/env",
            "CAPATAZ_PORT", "1",
            "CAPATAZ_ORGANIZATION", "acme",
            "CAPATAZ_MONGODB_URI", "mongodb://db",
            "CAPATAZ_KAFKA", "kafka:9092",
            "CAPATAZ_AGENT_DATA", "/elsewhere",
            "CAPATAZ_SLOTS", "3");

    assertThat(read(environment, "--port", "0", "--no-agent"))
        .isEqualTo(
            new StandaloneSettings(
                Path.of("/env"),
                0,
                "acme",
                Optional.of("mongodb://db"),
                Optional.of("kafka:9092"),
                OptionalInt.of(3),
                false,
                Optional.of(Path.of("/elsewhere"))));
  }

  @Test
  void refuse_a_port_that_is_none_whether_flag_or_variable() {
    assertThatThrownBy(() -> read(Map.of("CAPATAZ_PORT", "http")))
        .isInstanceOf(UsageError.class)
        .hasMessage("Invalid CAPATAZ_PORT 'http': must be a number from 0 to 65535.");
  }

  private static StandaloneSettings read(Map<String, String> environment, String... flags) {
    return StandaloneSettings.of(StandaloneSettings.COMMAND.settings(List.of(flags), environment));
  }
}
