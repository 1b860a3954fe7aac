package io.capataz.helm;

import static io.capataz.helm.Rendered.each;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The queries of dashboard and alert rules ask for metrics and labels that a supervisor has: those
 * of {@code docs/reference/metrics.txt}.
 */
class DashboardTest {

  private static final Path RESOURCES = Path.of("src/test/resources");

  private static final Pattern ASKED = Pattern.compile("([a-z][a-z0-9_]*)\\{([^}]*)}");
  private static final Pattern LABEL = Pattern.compile("([a-z_]+) *=~?");
  private static final Pattern GROUPED = Pattern.compile("by \\(([^)]*)\\)");

  /** Added by Prometheus when it scrapes a pod through a ServiceMonitor. */
  private static final Set<String> OF_THE_SCRAPE = Set.of("namespace", "service", "pod");

  @TempDir Path folder;

  @Test
  void the_config_map_holds_the_dashboard() throws IOException {
    var rendered =
        render().the("ConfigMap", "capataz-dashboards").at("/data/capataz.json").asText();
    assertThat(Rendered.read(rendered)).isEqualTo(dashboard());
    assertThat(queries()).hasSizeGreaterThan(15);
  }

  @Test
  void panels_have_ids_places_and_explanations_of_their_own() throws IOException {
    var panels = each(dashboard().path("panels"));
    assertThat(panels.stream().map(panel -> panel.path("id").asInt())).doesNotHaveDuplicates();
    assertThat(panels.stream().map(panel -> panel.path("gridPos").toString()))
        .doesNotHaveDuplicates();
    assertThat(panels)
        .filteredOn(panel -> !panel.path("type").asText().equals("row"))
        .allSatisfy(panel -> assertThat(panel.path("description").asText()).isNotEmpty());
  }

  @Test
  void queries_and_rules_ask_for_what_there_is() throws IOException {
    var real = metrics();
    for (var query : Stream.concat(queries().stream(), expressions().stream()).toList()) {
      var labels = new TreeSet<>(OF_THE_SCRAPE);
      ASKED
          .matcher(query)
          .results()
          .filter(found -> !found.group(1).equals("up"))
          .forEach(
              found -> {
                assertThat(real).as(query).containsKey(found.group(1));
                var its = new TreeSet<>(real.get(found.group(1)));
                its.addAll(OF_THE_SCRAPE);
                assertThat(its).as(query).containsAll(names(LABEL, found.group(2)));
                labels.addAll(its);
              });
      GROUPED
          .matcher(query)
          .results()
          .forEach(
              found ->
                  assertThat(labels)
                      .as(query)
                      .containsAll(Arrays.asList(found.group(1).split(", *"))));
    }
  }

  /** Over a supervisor that has counted everything, each query has an answer. */
  @Test
  void prometheus_answers_every_query() throws Exception {
    var story =
        new StringBuilder("evaluation_interval: 1m\ntests:\n  - interval: 1m\n    input_series:\n");
    metrics()
        .forEach(
            (name, labels) ->
                series(name, labels)
                    .forEach(
                        it ->
                            story.append(
                                "      - {series: '%s', values: '0+7x60'}%n".formatted(it))));
    story.append("    promql_expr_test:\n");
    for (var query : queries()) {
      var asked =
          query
              .replace("$__rate_interval", "5m")
              .replace("$namespace", ".*")
              .replace("$service", ".*");
      story.append(
          "      - {expr: 'count(%s) > bool 0', eval_time: 50m, exp_samples: [{labels: '{}', value: 1}]}%n"
              .formatted(asked));
    }
    Files.writeString(folder.resolve("dashboard.yaml"), story);
    var answer = Promtool.run(folder, "test", "rules", "dashboard.yaml");
    assertThat(answer.text()).contains("SUCCESS");
  }

  /** Two series of each metric, with the words that queries compare with. */
  private static List<String> series(String name, Set<String> labels) {
    var words =
        Map.of(
            "to",
            List.of("succeeded", "failed"),
            "state",
            List.of("online", "silent"),
            "area",
            List.of("heap", "heap"),
            "le",
            List.of("1.0", "+Inf"));
    var all = new TreeSet<String>();
    for (int i = 0; i < 2; i++) {
      int which = i;
      all.add(
          labels.stream()
              .map(
                  label ->
                      label + "=\"" + words.getOrDefault(label, List.of("a", "b")).get(which) + '"')
              .collect(
                  Collectors.joining(
                      ", ",
                      name
                          + "{namespace=\"jobs\", service=\"capataz\", pod=\"a\""
                          + (labels.isEmpty() ? "" : ", "),
                      "}")));
    }
    return List.copyOf(all);
  }

  private static Map<String, Set<String>> metrics() throws IOException {
    var metrics = new TreeMap<String, Set<String>>();
    for (var line : Files.readAllLines(Path.of("../docs/reference/metrics.txt"))) {
      if (!line.startsWith("#")) {
        var parts = line.split("[{}]", -1);
        metrics.put(parts[0], parts.length > 1 ? Set.of(parts[1].split(",")) : Set.of());
      }
    }
    return metrics;
  }

  private static Rendered render() {
    return Chart.render(
        RESOURCES.resolve("minimal.yaml"), RESOURCES.resolve("facets/6-watch/everything.yaml"));
  }

  private static JsonNode dashboard() throws IOException {
    return Rendered.read(Files.readString(Chart.FOLDER.resolve("files/dashboard.json")));
  }

  private static List<String> queries() throws IOException {
    var queries = new ArrayList<String>();
    dashboard()
        .path("panels")
        .forEach(
            panel ->
                panel.path("targets").forEach(target -> queries.add(target.path("expr").asText())));
    return queries;
  }

  private static List<String> expressions() {
    return each(render().the("PrometheusRule", "capataz").at("/spec/groups/0/rules")).stream()
        .map(rule -> rule.path("expr").asText())
        .toList();
  }

  private static Set<String> names(Pattern pattern, String text) {
    return pattern.matcher(text).results().map(found -> found.group(1)).collect(Collectors.toSet());
  }
}
