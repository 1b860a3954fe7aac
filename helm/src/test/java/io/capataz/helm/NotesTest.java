package io.capataz.helm;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import com.marcnuri.helm.DryRun;
import com.marcnuri.helm.Helm;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What Helm says after an installation. */
class NotesTest {

  private static final Path FACETS = Path.of("src/test/resources/facets");
  @TempDir static Path chart;

  private static final Path MINIMAL = Path.of("src/test/resources/minimal.yaml");

  @Test
  void it_names_the_next_commands() {
    assertThat(notes())
        .contains("kubectl --namespace jobs rollout status deployment/capataz")
        .contains("helm test capataz --namespace jobs")
        .contains("cat /var/lib/capataz/admin.token")
        .contains("port-forward service/capataz 8080")
        .contains("https://localhost:8080/docs")
        .contains("There is no Kafka")
        .doesNotContain("WARNING");
  }

  @Test
  void it_says_where_the_api_is_and_what_is_not_protected() {
    assertThat(
            notes(
                FACETS.resolve("1-tls/clear-text.yaml"),
                FACETS.resolve("3-kafka/plain.yaml"),
                FACETS.resolve("4-way-in/ingress.yaml")))
        .contains("https://capataz.example.org/docs")
        .contains("WARNING: tls.mode is off")
        .doesNotContain("There is no Kafka");
  }

  /** The library cannot be told a version for an installation, and assumes one that is too old. */
  @BeforeAll
  static void aChartForAnyVersion() throws IOException {
    try (Stream<Path> files = Files.walk(Chart.FOLDER)) {
      for (var file : files.filter(Files::isRegularFile).toList()) {
        var copy = chart.resolve(Chart.FOLDER.relativize(file).toString());
        Files.createDirectories(requireNonNull(copy.getParent()));
        Files.writeString(copy, Files.readString(file).replaceAll("(?m)^kubeVersion: .*$", ""));
      }
    }
  }

  private static String notes(Path... values) {
    var command =
        new Helm(chart)
            .install()
            .withName("capataz")
            .withNamespace(Chart.NAMESPACE)
            .dryRun()
            .withDryRunOption(DryRun.CLIENT)
            .clientOnly()
            .withValuesFile(MINIMAL.toAbsolutePath());
    for (var file : values) {
      command.withValuesFile(file.toAbsolutePath());
    }
    return command.call().getOutput();
  }
}
