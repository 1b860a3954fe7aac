package io.capataz.supervisor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.capataz.common.command.UsageError;
import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DataObjectPropertyName;
import org.springframework.context.annotation.ClassPathScanningCandidateComponentProvider;
import org.springframework.core.type.filter.AnnotationTypeFilter;

class SupervisorCommandTest {

  /** A secret on a command line is shown to everybody who lists processes. */
  private static final Set<String> ONLY_BY_FILE_OR_ENVIRONMENT =
      Set.of(
          "drafts.key",
          "oidc.client-secret",
          "kafka-security.password",
          "kafka-security.agent-password");

  @Test
  void each_setting_has_a_flag_and_each_flag_a_setting() throws ClassNotFoundException {
    // The first two are handed to the server, and the break-glass token has nothing
    // else to
    // set.
    var withoutRecord = List.of("address", "port", "rescue");

    assertThat(SupervisorCommand.settings())
        .containsExactlyInAnyOrderElementsOf(
            Stream.concat(
                    settingsOfTheRecords()
                        .filter(name -> !ONLY_BY_FILE_OR_ENVIRONMENT.contains(name)),
                    withoutRecord.stream())
                .toList());
  }

  private static Stream<String> settingsOfTheRecords() throws ClassNotFoundException {
    var scanner = new ClassPathScanningCandidateComponentProvider(false);
    scanner.addIncludeFilter(new AnnotationTypeFilter(ConfigurationProperties.class));
    var names = Stream.<String>empty();
    for (var found : scanner.findCandidateComponents("io.capataz.supervisor")) {
      var type = Class.forName(found.getBeanClassName());
      var prefix = type.getAnnotation(ConfigurationProperties.class).value();
      names =
          Stream.concat(
              names,
              Arrays.stream(type.getRecordComponents())
                  .map(RecordComponent::getName)
                  .map(DataObjectPropertyName::toDashedForm)
                  .map(name -> (prefix + "." + name).substring("capataz.".length())));
    }
    return names;
  }

  @Test
  void flags_become_properties_under_the_same_name(@TempDir Path folder) throws Exception {
    var config = Files.writeString(folder.resolve("capataz.yaml"), "capataz:\n  kafka: k\n");

    assertThat(properties("--mongodb-uri", "mongodb://db", "--oidc-issuer=https://id", "--port=0"))
        .containsExactly(
            "--capataz.mongodb-uri=mongodb://db",
            "--capataz.port=0",
            "--capataz.oidc.issuer=https://id");
    assertThat(properties("--config", config.toString()))
        .containsExactly("--spring.config.additional-location=" + config.toUri());
  }

  @Test
  void spring_s_own_flags_and_secrets_are_refused() {
    for (var flag :
        new String[] {"--server.port=0", "--capataz.kafka=k", "--oidc-client-secret=x"}) {
      assertThatThrownBy(() -> properties(flag))
          .isInstanceOf(UsageError.class)
          .hasMessageStartingWith("Unknown option: '" + flag.split("=", 2)[0] + "'.");
    }
  }

  @Test
  void a_settings_file_that_is_not_there_is_refused() {
    assertThatThrownBy(() -> properties("--config=/nowhere.yaml"))
        .isInstanceOf(UsageError.class)
        .hasMessage(
            "Invalid --config '/nowhere.yaml': there is no such file, or it cannot be read.");
  }

  private static List<String> properties(String... flags) {
    return SupervisorCommand.properties(
        SupervisorCommand.COMMAND.settings(List.of(flags), Map.of()));
  }
}
