package io.capataz.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.capataz.agent.process.Keepers;
import io.capataz.common.command.UsageError;
import io.capataz.common.secret.Secret;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AgentConfigTest {

  @TempDir Path folder;

  private static AgentConfig read(Map<String, String> environment, String... arguments) {
    return read(2, environment, arguments);
  }

  private static AgentConfig read(
      int processors, Map<String, String> environment, String... arguments) {
    return AgentConfig.read(
        AgentConfig.COMMAND.settings(List.of(arguments), environment),
        environment,
        "box",
        processors);
  }

  @Test
  void only_the_supervisor_must_be_said() throws Exception {
    AgentConfig config = read(Map.of(), "--supervisor", "https://capataz.example.com/");

    assertThat(config.supervisor()).isEqualTo(URI.create("https://capataz.example.com"));
    assertThat(config.data()).isEqualTo(Path.of("agent-data"));
    assertThat(config.host()).isEqualTo("box");
    assertThat(config.slots()).isEqualTo(8);
    assertThat(config.joinToken()).isEmpty();
    assertThat(config.stop().withParent()).isFalse();
    assertThat(config.stop().endsScripts()).isFalse();
    assertThat(config.stop().drain()).isEqualTo(Duration.ofSeconds(20));
    assertThat(config.keeper()).isEmpty();
    assertThat(config.runAs()).isEqualTo("own");
    assertThat(config.scriptCache()).isEqualTo(256L << 20);
  }

  @Test
  void with_a_parent_scripts_end_unless_they_are_to_stay() throws Exception {
    assertThat(read(Map.of(), "--supervisor=https://c", "--stop-with-parent").stop().endsScripts())
        .isTrue();
    assertThat(
            read(Map.of(), "--supervisor=https://c", "--stop-with-parent", "--on-stop=leave")
                .stop()
                .endsScripts())
        .isFalse();
  }

  @Test
  void what_cannot_be_done_on_stop_is_told() {
    assertThatThrownBy(
            () ->
                read(Map.of(), "--supervisor=https://c", "--on-stop=x", "--drain=-1", "--keeper=y"))
        .hasMessageContaining("Invalid --on-stop 'x': must be leave or end.")
        .hasMessageContaining("Invalid --drain '-1': must be a number from 0 to 999999.")
        .hasMessageContaining("Invalid --keeper 'y': must be native or shell.");
  }

  @ParameterizedTest
  @ValueSource(strings = {"own:0-9", "own:9-8", "own:1", "own:1-4294967295", "1000", "-1", "a b"})
  void what_is_no_user_for_scripts_is_told(String runAs) {
    assertThatThrownBy(() -> read(Map.of(), "--supervisor=https://c", "--run-as=" + runAs))
        .hasMessageContaining("Invalid --run-as '" + runAs + "': must ");
    assertThat(read(Map.of(), "--supervisor=https://c", "--run-as=own:7000-8000").runAs())
        .isEqualTo("own:7000-8000");
  }

  @Test
  void the_room_for_scripts_is_given_in_megabytes_and_is_a_dozen_at_least() throws Exception {
    assertThat(read(Map.of("CAPATAZ_SCRIPT_CACHE", "512"), "--supervisor=https://c").scriptCache())
        .isEqualTo(512L << 20);
    assertThatThrownBy(() -> read(Map.of(), "--supervisor=https://c", "--script-cache=63"))
        .hasMessageContaining("Invalid --script-cache '63': must be a number from 64 to 9999999.");
  }

  @Test
  void the_environment_says_the_same() throws Exception {
    AgentConfig config =
        read(
            Map.ofEntries(
                Map.entry("CAPATAZ_ON_STOP", "end"),
                Map.entry("CAPATAZ_DRAIN", "7"),
                Map.entry("CAPATAZ_KEEPER", "shell"),
                Map.entry("CAPATAZ_SUPERVISOR", "http://127.0.0.1:8080"),
                Map.entry("CAPATAZ_AGENT_DATA", "/var/lib/capataz"),
                Map.entry("CAPATAZ_HOST", "web-1"),
                Map.entry("CAPATAZ_SLOTS", "3"),
                Map.entry("CAPATAZ_LABELS", "zone=a, gpu="),
                Map.entry("CAPATAZ_POLICY", "/srv/policy.yaml"),
                Map.entry("CAPATAZ_RUN_AS", "deploy"),
                Map.entry("CAPATAZ_LINK", "off"),
                Map.entry("CAPATAZ_AGENT_KAFKA", "off"),
                Map.entry("CAPATAZ_CA_FILE", "/etc/capataz/ca.crt"),
                Map.entry("CAPATAZ_JOIN_TOKEN", "token\n")));

    assertThat(config)
        .isEqualTo(
            new AgentConfig(
                URI.create("http://127.0.0.1:8080"),
                Path.of("/var/lib/capataz"),
                "web-1",
                3,
                Map.of("zone", "a", "gpu", ""),
                java.util.Optional.of(Path.of("/srv/policy.yaml")),
                "deploy",
                java.util.Optional.of(Secret.of("token")),
                java.util.Optional.of(Keepers.Form.SHELL),
                256L << 20,
                new AgentConfig.Connection(
                    false,
                    java.util.Optional.of(Path.of("/etc/capataz/ca.crt")),
                    java.util.Optional.empty()),
                new AgentConfig.Stop(true, Duration.ofSeconds(7), false)));
    assertThat(config.toString()).doesNotContain("token\"").contains("[secret]");
  }

  @Test
  void it_listens_to_kafka_unless_it_is_told_not_to_and_with_settings_of_the_hosts_own()
      throws Exception {
    Path file = folder.resolve("client.properties");
    Files.writeString(file, "security.protocol=SSL\n");
    String given = "--kafka-properties=" + file;

    assertThat(read(Map.of(), "--supervisor=https://c").connection().kafka().orElseThrow().names())
        .isEmpty();
    assertThat(
            read(Map.of(), "--supervisor=https://c", given)
                .connection()
                .kafka()
                .orElseThrow()
                .value("security.protocol"))
        .contains("SSL");
    assertThat(read(Map.of(), "--supervisor=https://c", "--kafka=off").connection().kafka())
        .isEmpty();
    assertThatThrownBy(() -> read(Map.of(), "--supervisor=https://c", "--kafka=kafka-1:9092"))
        .hasMessageContaining("Invalid --kafka 'kafka-1:9092': must be auto or off.");
    Files.writeString(file, "linger.ms=1\n");
    assertThatThrownBy(() -> read(Map.of(), "--supervisor=https://c", given))
        .hasMessageContaining("linger.ms in " + file)
        .hasMessageContaining("no setting of Kafka's clients has such a name");
  }

  @Test
  void it_keeps_a_link_unless_it_is_told_not_to() throws Exception {
    assertThat(read(Map.of(), "--supervisor=https://c").connection().link()).isTrue();
    assertThat(read(Map.of(), "--supervisor=https://c", "--link=auto").connection().link())
        .isTrue();
    assertThat(read(Map.of(), "--supervisor=https://c", "--link=off").connection().link())
        .isFalse();
    assertThatThrownBy(() -> read(Map.of(), "--supervisor=https://c", "--link=maybe"))
        .hasMessageContaining("Invalid --link 'maybe': must be auto or off.");
  }

  @Test
  void labels_are_named_one_by_one_and_nonsense_is_told() throws Exception {
    assertThat(
            read(
                    Map.of("CAPATAZ_LABELS", "zone=b"),
                    "--supervisor=https://c",
                    "--label",
                    "zone=a",
                    "--label=os/kind=linux,disk=ssd")
                .labels())
        .isEqualTo(Map.of("zone", "a", "os/kind", "linux", "disk", "ssd"));
    assertThatThrownBy(() -> read(Map.of(), "--supervisor=https://c", "--label=zone"))
        .hasMessageContaining("Invalid label 'zone': must be NAME=VALUE");
  }

  @Test
  void flags_go_before_the_environment() throws Exception {
    Path token = Files.writeString(folder.resolve("token"), "from file\n");
    AgentConfig config =
        read(
            Map.of("CAPATAZ_SLOTS", "3", "CAPATAZ_JOIN_TOKEN", "from environment"),
            "--slots=5",
            "--stop-with-parent",
            "--supervisor=http://localhost:1",
            "--join-token-file",
            token.toString());

    assertThat(config.slots()).isEqualTo(5);
    assertThat(config.stop().withParent()).isTrue();
    assertThat(config.joinToken()).contains(Secret.of("from file"));
  }

  @Test
  void many_processors_do_not_mean_many_slots() throws Exception {
    assertThat(read(128, Map.of(), "--supervisor", "https://x").slots()).isEqualTo(16);
  }

  @Test
  void everything_wrong_is_said_at_once() throws IOException {
    Path empty = Files.createFile(folder.resolve("empty"));
    assertThatThrownBy(
            () ->
                read(
                    Map.of(),
                    "--host",
                    "a b",
                    "--slots",
                    "none",
                    "--join-token=secret",
                    "--join-token-file",
                    empty.toString()))
        .isInstanceOf(UsageError.class)
        .hasMessageContainingAll(
            "does not know its supervisor",
            "Invalid host name 'a b'",
            "Invalid --slots 'none': must be a number from 1 to 256.",
            "would show the token to everybody",
            "is empty")
        .hasMessageNotContaining("secret");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"http://capataz.example.com", "http://10.0.0.1:80", "http://127.evil.com"})
  void http_over_the_network_is_refused(String url) {
    assertThatThrownBy(() -> read(Map.of(), "--supervisor", url))
        .hasMessageContaining("unprotected over the network. Use https");
  }

  @ParameterizedTest
  @ValueSource(strings = {"http://127.0.0.1:8080", "http://localhost", "http://[::1]:80"})
  void http_to_this_machine_is_fine(String url) throws Exception {
    assertThat(read(Map.of(), "--supervisor", url).supervisor()).hasToString(url);
  }

  @ParameterizedTest
  @ValueSource(strings = {"capataz", "ftp://x", "https://", "https://a b", "//x", "https://u@h/"})
  void what_is_no_address_is_refused(String url) {
    assertThatThrownBy(() -> read(Map.of(), "--supervisor", url)).isInstanceOf(UsageError.class);
  }
}
