package io.capataz.supervisor.golden;

import static org.assertj.core.api.Assertions.assertThat;

import io.capataz.common.protocol.MessageJson;
import io.capataz.supervisor.golden.Story.Exchange;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/**
 * Every route of {@code docs/reference/openapi.json}, and every property of every record that it
 * answers, is in a golden file. Who adds one tells it in {@link GoldenWireTest} or beside it.
 */
class GoldenCoverageTest {

  /** Routes that answer no JSON of ours, or lead to another site. */
  private static final Set<String> OTHERS =
      Set.of(
          "GET /asyncapi.json",
          "GET /docs",
          "GET /install.sh",
          "GET /openapi.json",
          "GET /sdk/simple/{project}/",
          "GET /sdk/simple/{project}/{file}",
          "GET /draft/{id}/zip",
          "GET /ws/{library}/tasks/{key}",
          "GET /ws/{library}/tasks/{key}/{id}",
          "GET /ws/{library}/task/ws/{id}",
          "GET /login/oidc",
          "GET /login/oidc/callback",
          "POST /login/oidc");

  /** Other names of routes that are told under their own. */
  private static final Pattern ALIAS = Pattern.compile("\\w+ /api/.*");

  private static final String SUCCESS = "200";
  private static final String CREATED = "201";

  private static JsonNode document = MessageJson.mapper().missingNode();

  private final Set<String> routes = new TreeSet<>();
  private final Set<String> properties = new TreeSet<>();

  @BeforeAll
  static void read() throws IOException {
    document =
        MessageJson.mapper()
            .readTree(Files.readString(Path.of("..", "docs", "reference", "openapi.json")));
  }

  @Test
  void every_route_and_every_property_that_is_answered_is_in_a_golden_file() throws IOException {
    var neededRoutes = new TreeSet<String>();
    var neededProperties = new TreeSet<String>();
    for (var path : document.path("paths").properties()) {
      for (var operation : path.getValue().properties()) {
        neededRoutes.add(route(operation.getKey(), path.getKey()));
        need(schema(operation.getValue()), "", neededProperties);
      }
    }
    neededRoutes.removeIf(route -> OTHERS.contains(route) || ALIAS.matcher(route).matches());

    for (var exchange : Story.written()) {
      if (exchange.status() < 400) {
        see(exchange);
      }
    }

    neededRoutes.removeAll(routes);
    assertThat(neededRoutes).describedAs("routes in no golden file").isEmpty();
    neededProperties.removeAll(properties);
    assertThat(neededProperties).describedAs("properties in no golden file").isEmpty();
  }

  private void see(Exchange exchange) {
    var matching = new HashMap<String, JsonNode>();
    for (var path : document.path("paths").properties()) {
      var operation = path.getValue().path(exchange.method().toLowerCase(Locale.ROOT));
      var pattern = path.getKey().replaceAll("\\{customer}", "golden-[a-z-]+");
      if (!operation.isMissingNode()
          && exchange.path().matches(pattern.replaceAll("\\{\\w+}", "[^/]+"))) {
        matching.put(path.getKey(), operation);
      }
    }
    matching.entrySet().stream()
        .min(
            Comparator.comparingInt(
                (Map.Entry<String, JsonNode> found) -> found.getKey().split("\\{", -1).length))
        .ifPresent(
            found -> {
              routes.add(route(exchange.method(), found.getKey()));
              see(schema(found.getValue()), exchange.body(), "");
            });
  }

  /** A route by its longest name. */
  private static String route(String method, String path) {
    var longest = "/{customer}" + path;
    return method.toUpperCase(Locale.ROOT)
        + " "
        + (document.path("paths").has(longest) ? longest : path);
  }

  private static JsonNode schema(JsonNode operation) {
    var responses = operation.path("responses");
    return responses
        .path(responses.has(CREATED) ? CREATED : SUCCESS)
        .path("content")
        .path("application/json")
        .path("schema");
  }

  private static void need(JsonNode schema, String name, Set<String> needed) {
    if (schema.has("$ref")) {
      need(referred(schema), name(schema), needed);
    }
    for (var choice : choices(schema)) {
      need(choice, name + kind(choice), needed);
    }
    if (schema.has("items")) {
      need(schema.get("items"), name, needed);
    }
    for (var property : schema.path("properties").properties()) {
      if (!name.isEmpty() && needed.add(name + "." + property.getKey())) {
        need(property.getValue(), name, needed);
      }
    }
  }

  private void see(JsonNode schema, JsonNode value, String name) {
    if (schema.has("$ref")) {
      see(referred(schema), value, name(schema));
    }
    for (var choice : choices(schema)) {
      if (isOf(choice, value)) {
        see(choice, value, name + kind(choice));
      }
    }
    for (var item : value.isArray() ? value : MessageJson.mapper().createArrayNode()) {
      see(schema.path("items"), item, name);
    }
    for (var property : schema.path("properties").properties()) {
      if (value.has(property.getKey())) {
        properties.add(name + "." + property.getKey());
        see(property.getValue(), value.get(property.getKey()), name);
      }
    }
  }

  private static Iterable<JsonNode> choices(JsonNode schema) {
    return schema.has("oneOf") ? schema.get("oneOf") : schema.path("anyOf");
  }

  /** Which of several kinds it is, as its {@code type} says. */
  private static String kind(JsonNode choice) {
    var schema = choice.has("$ref") ? referred(choice) : choice;
    return Optional.of(schema.at("/properties/type/const"))
        .filter(JsonNode::isString)
        .map(type -> ":" + type.asString())
        .orElse("");
  }

  private static boolean isOf(JsonNode choice, JsonNode value) {
    var schema = choice.has("$ref") ? referred(choice) : choice;
    var type = schema.at("/properties/type/const");
    return switch (schema.path("type").asString("")) {
      case "object" -> value.isObject() && (!type.isString() || type.equals(value.get("type")));
      case "array" -> value.isArray();
      default -> false;
    };
  }

  private static JsonNode referred(JsonNode schema) {
    return document.at(schema.get("$ref").asString().substring(1));
  }

  private static String name(JsonNode schema) {
    var reference = schema.get("$ref").asString();
    return reference.substring(reference.lastIndexOf('/') + 1);
  }
}
