package io.capataz.helm;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The schema knows the values that there are, and no others. */
class SchemaTest {

  /** What Kubernetes reads and checks itself. */
  private static final Set<String> PASSED_ON =
      Set.of(
          "tolerations",
          "affinity",
          "volumes",
          "volumeMounts",
          "podSelector",
          "namespaceSelector",
          "ipBlock",
          "to",
          "ports",
          "global");

  /** Settings for which the chart has values of its own. */
  private static final Set<String> VALUES_OF_THEIR_OWN =
      Set.of(
          "mongodb-uri",
          "mongodb-ca-file",
          "kafka",
          "announcement-partitions",
          "data",
          "organization",
          "vault-key-file",
          "listen",
          "allow-clear-text",
          "tls-certificate-file",
          "tls-key-file",
          "metrics.token-file",
          "proxy.trusted");

  private static final Pattern SETTING =
      Pattern.compile("^\\| `capataz\\.([a-z.-]+)`", Pattern.MULTILINE);

  private JsonNode schema = Rendered.read("{}");

  @BeforeEach
  void read() throws IOException {
    schema = Rendered.read(Files.readString(Chart.FOLDER.resolve("values.schema.json")));
  }

  @Test
  void no_object_takes_fields_that_it_does_not_name() {
    var open = new ArrayList<String>();
    findOpen("", "", schema, open);
    assertThat(open).isEmpty();
  }

  @Test
  void the_values_are_those_of_the_schema() throws IOException {
    var values = Rendered.read(Files.readString(Chart.FOLDER.resolve("values.yaml")));
    var unequal = new ArrayList<String>();
    compare("", values, schema, unequal);
    assertThat(unequal).isEmpty();
  }

  @Test
  void every_setting_of_the_supervisor_can_be_given() throws IOException {
    var page = Files.readString(Path.of("../docs/reference/settings.md"));
    var settings =
        SETTING
            .matcher(page)
            .results()
            .map(found -> found.group(1))
            .collect(Collectors.toCollection(TreeSet::new));
    settings.removeAll(VALUES_OF_THEIR_OWN);
    settings.removeIf(name -> name.startsWith("kafka-security."));
    // A secret is given by its file.
    settings.removeIf(name -> settings.contains(name + "-file"));

    var given =
        new TreeSet<>(names(schema.at("/properties/supervisor/properties/settings/properties")));
    given.addAll(
        names(schema.at("/properties/supervisor/properties/settingsFromSecrets/properties")));
    assertThat(given).isEqualTo(settings);
    assertThat(names(schema.at("/properties/supervisor/properties/settingsFromSecrets/properties")))
        .allMatch(name -> name.endsWith("-file"));
  }

  private static void findOpen(String path, String name, JsonNode node, List<String> open) {
    if (PASSED_ON.contains(name)) {
      return;
    }
    if (node.path("type").asText().equals("object") && !node.has("additionalProperties")) {
      open.add(path);
    }
    node.properties()
        .forEach(
            field ->
                findOpen(
                    path + "/" + field.getKey(),
                    field.getKey().equals("items") ? name : field.getKey(),
                    field.getValue(),
                    open));
  }

  private void compare(String path, JsonNode value, JsonNode shape, List<String> unequal) {
    if (!value.isObject() || PASSED_ON.contains(path.substring(path.lastIndexOf('/') + 1))) {
      return;
    }
    var known = resolved(shape).path("properties");
    // Settings and rules of a policy are absent unless they are given.
    if (!known.isObject() || value.isEmpty()) {
      return;
    }
    var names = new TreeSet<>(names(known));
    names.remove("global");
    if (!names.equals(new TreeSet<>(names(value)))) {
      unequal.add(path + ": " + names + " and " + names(value));
    }
    value
        .properties()
        .forEach(
            field ->
                compare(
                    path + "/" + field.getKey(),
                    field.getValue(),
                    known.path(field.getKey()),
                    unequal));
  }

  private JsonNode resolved(JsonNode shape) {
    return shape.has("$ref") ? schema.at(shape.path("$ref").asText().substring(1)) : shape;
  }

  private static Set<String> names(JsonNode object) {
    return object.properties().stream()
        .map(field -> field.getKey())
        .collect(Collectors.toCollection(TreeSet::new));
  }
}
