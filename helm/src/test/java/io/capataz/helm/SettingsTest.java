package io.capataz.helm;

import static io.capataz.helm.Rendered.each;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What the templates set is read by supervisors and agents: a variable that nobody reads would be
 * ignored without a word.
 */
class SettingsTest {

  private static final Path REFERENCE = Path.of("../docs/reference");
  private static final Path VAULT = Path.of("src/test/resources/vault.yaml");

  /** Read by the launcher of the image, and by Spring Boot. */
  private static final Set<String> OF_THE_RUNTIME =
      Set.of("CAPATAZ_JAVA_OPTIONS", "LOGGING_STRUCTURED_FORMAT_CONSOLE");

  private static final Pattern VARIABLE = Pattern.compile("`(CAPATAZ_[A-Z_]+)`");
  private static final Pattern PLACEHOLDER = Pattern.compile("\\$\\{(capataz\\.[a-z.-]+)");

  @Test
  void supervisors_read_what_they_are_given() throws IOException {
    var known = variablesIn("settings.md");
    known.addAll(OF_THE_RUNTIME);
    known.addAll(placeholders());

    assertThat(variablesOf("supervisor")).isNotEmpty().isSubsetOf(known);
  }

  @Test
  void agents_read_what_they_are_given() throws IOException {
    assertThat(variablesOf("agent")).isNotEmpty().isSubsetOf(variablesIn("agent-settings.md"));
  }

  /** Values of the chart that become one variable each arrive in it as they are written. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "supervisor.settings.quota\\.jobs=10000000 CAPATAZ_QUOTA_JOBS 10000000",
        "supervisor.settings.keep-days=30 CAPATAZ_KEEP_DAYS 30",
        "supervisor.settings.audit\\.keep=100d CAPATAZ_AUDIT_KEEP 100d",
        "supervisor.settings.rate-limit\\.enabled=false CAPATAZ_RATE_LIMIT_ENABLED false",
        "supervisor.organization=acme CAPATAZ_ORGANIZATION acme",
        "kafka.partitions=64 CAPATAZ_ANNOUNCEMENT_PARTITIONS 64",
        "ingress.trustedProxies=2 CAPATAZ_PROXY_TRUSTED 2",
      })
  void values_arrive_unchanged(String line) {
    var words = line.split("[ =]", 4);
    var text =
        Chart.helm()
            .template()
            .withName("capataz")
            .withKubeVersion("1.34.0")
            .withValuesFile(Path.of("src/test/resources/minimal.yaml").toAbsolutePath())
            .set("kafka.bootstrapServers", "kafka:9092")
            .set("ingress.enabled", true)
            .set("ingress.host", "capataz.example.org")
            .set(words[0], words[1])
            .call();
    var pod = Rendered.of(text).pods().getFirst();
    assertThat(each(pod.at("/spec/containers/0/env")))
        .anyMatch(
            variable ->
                variable.path("name").asText().equals(words[2])
                    && variable.path("value").asText().equals(words[3]));
  }

  private static Set<String> variablesOf(String container) {
    var found = new TreeSet<String>();
    for (var chosen : Facets.pairwise()) {
      var files = new ArrayList<>(List.copyOf(chosen));
      files.add(VAULT);
      for (var pod : Chart.render(files.toArray(Path[]::new)).pods()) {
        for (var it : each(pod.at("/spec/containers"))) {
          if (it.path("name").asText().equals(container)) {
            each(it.path("env")).forEach(variable -> found.add(variable.path("name").asText()));
          }
        }
      }
    }
    return found;
  }

  private static Set<String> variablesIn(String page) throws IOException {
    return VARIABLE
        .matcher(Files.readString(REFERENCE.resolve(page)))
        .results()
        .map(found -> found.group(1))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  /** Settings that no record holds, such as the port. */
  private static Set<String> placeholders() throws IOException {
    return PLACEHOLDER
        .matcher(Files.readString(Path.of("../supervisor/src/main/resources/application.yaml")))
        .results()
        .map(found -> found.group(1).toUpperCase(java.util.Locale.ROOT).replaceAll("[.-]", "_"))
        .collect(Collectors.toCollection(TreeSet::new));
  }
}
