package io.capataz.helm;

import static io.capataz.helm.Rendered.each;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The alert rules, evaluated by Prometheus' own checker over series that are written down in {@code
 * alerts.yaml}.
 */
class AlertRulesTest {

  private static final Path RESOURCES = Path.of("src/test/resources");
  private static final Path STORIES = RESOURCES.resolve("alerts.yaml");

  @TempDir Path folder;

  private List<JsonNode> rules = List.of();

  @BeforeEach
  void render() throws IOException {
    var groups =
        Chart.render(
                RESOURCES.resolve("minimal.yaml"),
                RESOURCES.resolve("facets/6-watch/everything.yaml"))
            .the("PrometheusRule", "capataz")
            .path("spec");
    // Prometheus reads JSON too: it is YAML.
    Files.writeString(folder.resolve("rules.yaml"), groups.toString());
    rules =
        each(groups.path("groups")).stream()
            .flatMap(group -> each(group.path("rules")).stream())
            .toList();
  }

  @Test
  void prometheus_accepts_them() throws Exception {
    var answer = Promtool.run(folder, "check", "rules", "rules.yaml");
    assertThat(answer.text()).contains("SUCCESS: " + rules.size() + " rules found");
    assertThat(answer.code()).isZero();
  }

  @Test
  void each_is_raised_when_it_should_be_and_only_then() throws Exception {
    Files.copy(STORIES, folder.resolve("alerts.yaml"));
    var answer = Promtool.run(folder, "test", "rules", "alerts.yaml");
    assertThat(answer.text()).contains("SUCCESS");
    assertThat(answer.code()).isZero();
  }

  @Test
  void each_has_a_story_in_which_it_is_raised_and_one_in_which_it_is_not() throws IOException {
    var stories = Rendered.read(Files.readString(STORIES));
    var alerts = names(rules.stream(), "alert");
    assertThat(alerts).hasSizeGreaterThan(5);
    assertThat(alertsOf(stories, false)).isEqualTo(alerts);
    assertThat(alertsOf(stories, true)).isEqualTo(alerts);
  }

  @Test
  void each_says_what_happened_and_what_to_do() {
    assertThat(rules)
        .filteredOn(rule -> rule.has("alert"))
        .allSatisfy(
            rule -> {
              assertThat(rule.at("/labels/severity").asText()).isIn("warning", "critical");
              assertThat(rule.at("/annotations/summary").asText()).isNotEmpty();
              assertThat(rule.at("/annotations/description").asText().length()).isGreaterThan(40);
              assertThat(rule.has("for")).isTrue();
            });
  }

  private static Set<String> alertsOf(JsonNode stories, boolean quiet) {
    return names(
        each(stories.path("tests")).stream()
            .flatMap(story -> each(story.path("alert_rule_test")).stream())
            .filter(expected -> expected.path("exp_alerts").isEmpty() == quiet),
        "alertname");
  }

  private static Set<String> names(Stream<JsonNode> of, String field) {
    return of.filter(it -> it.has(field))
        .map(it -> it.path(field).asText())
        .collect(Collectors.toCollection(TreeSet::new));
  }
}
