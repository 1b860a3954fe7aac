package io.capataz.standalone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.capataz.common.command.UsageError;
import java.nio.file.Path;
import java.time.Duration;
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
                Optional.empty(),
                new StandaloneSettings.Stop(false, Duration.ofSeconds(10)),
                OptionalInt.empty()));
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
            "CAPATAZ_SLOTS", "3",
            "CAPATAZ_DRAIN", "3600",
            "CAPATAZ_ON_STOP", "end");

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
                Optional.of(Path.of("/elsewhere")),
                new StandaloneSettings.Stop(true, Duration.ofHours(1)),
                OptionalInt.empty()));
  }

  @Test
  void refuse_what_no_stop_can_be() {
    assertThatThrownBy(() -> read(Map.of(), "--on-stop", "hide"))
        .isInstanceOf(UsageError.class)
        .hasMessage("Invalid --on-stop 'hide': must be leave or end.");
  }

  @Test
  void say_what_becomes_of_running_jobs() {
    var leave = new StandaloneSettings.Stop(false, Duration.ofSeconds(10));
    assertThat(AgentStop.before(1, leave))
        .isEqualTo(
            "1 job is running; waiting up to 10 s for it; press Ctrl-C again to stop at once.");
    assertThat(AgentStop.before(2, new StandaloneSettings.Stop(true, Duration.ZERO)))
        .isEqualTo("2 jobs are running and will be ended.");
    assertThat(AgentStop.after(2)).startsWith("2 jobs are still running without Capataz; ");
  }

  @Test
  void refuse_a_port_that_is_none_whether_flag_or_variable() {
    assertThatThrownBy(() -> read(Map.of("CAPATAZ_PORT", "http")))
        .isInstanceOf(UsageError.class)
        .hasMessage("Invalid CAPATAZ_PORT 'http': must be a number from 0 to 65535.");
  }

  @Test
  void open_a_port_of_the_embedded_store_only_if_there_is_one() {
    assertThat(read(Map.of(), "--store-port=0").storePort()).hasValue(0);
    assertThat(read(Map.of("CAPATAZ_STORE_PORT", "27017")).storePort()).hasValue(27017);
    assertThatThrownBy(() -> read(Map.of(), "--store-port=0", "--mongodb-uri=mongodb://db"))
        .isInstanceOf(UsageError.class)
        .hasMessageContaining("Give one of the two.");
  }

  private static StandaloneSettings read(Map<String, String> environment, String... flags) {
    return StandaloneSettings.of(StandaloneSettings.COMMAND.settings(List.of(flags), environment));
  }
}
