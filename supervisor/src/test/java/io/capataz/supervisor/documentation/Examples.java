package io.capataz.supervisor.documentation;

import io.capataz.common.protocol.MessageJson;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;

/**
 * Examples of responses: the first successful one to each route in the golden files, so that no
 * example is made up.
 */
final class Examples {

  private static final Path FILES = Path.of("src", "test", "resources", "golden");

  /** A longer one explains less. */
  private static final int LONGEST = 4_000;

  private static final Pattern EXCHANGE =
      Pattern.compile(
          "(?ms)^### [^\\n]+\\n(?<method>[A-Z]+) (?<path>[^\\n? ]+)(?<query>[^\\n]*)\\n\\n"
              + "(?<status>2\\d\\d)\\n(?<headers>.*?)\\n\\n(?<body>.*?)(?=\\n\\n### |\\z)");

  private static final Pattern PLACEHOLDER = Pattern.compile("<([a-z]+(?:-[a-z]+)*)(?:-(\\d+))?>");

  private final Map<String, JsonNode> byRequest = new HashMap<>();

  private Examples() {}

  static Examples read() {
    var examples = new Examples();
    try (var files = Files.list(FILES)) {
      for (var file : files.sorted().toList()) {
        EXCHANGE
            .matcher(Files.readString(file))
            .results()
            .filter(exchange -> exchange.group("headers").contains("application/json"))
            .filter(exchange -> !exchange.group("query").matches(".*(fields|include).*"))
            .forEach(examples::keep);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return examples;
  }

  private void keep(MatchResult exchange) {
    var body = MessageJson.mapper().readTree(filled(exchange.group("body").strip()));
    // Of a list, one item shows what the others look like.
    if (body instanceof ArrayNode list && list.size() > 1) {
      var one = MessageJson.mapper().createArrayNode().add(list.get(0));
      body = one;
    }
    if (body.toString().length() <= LONGEST) {
      byRequest.putIfAbsent(exchange.group("method") + " " + filled(exchange.group("path")), body);
    }
  }

  /** The example for a route, if there is one. */
  Optional<JsonNode> of(Route route) {
    var path =
        Pattern.quote(route.path())
            .replace("{customer}", "\\Egolden-[a-z-]+\\Q")
            .replaceAll("\\{\\w+}", "\\\\E[^/]+\\\\Q");
    return byRequest.entrySet().stream()
        .filter(example -> example.getKey().matches(route.method() + " " + path))
        .sorted(Map.Entry.comparingByKey())
        .map(Map.Entry::getValue)
        .findFirst();
  }

  private static String filled(String text) {
    return PLACEHOLDER.matcher(text).replaceAll(Examples::value);
  }

  /** A value of the form that the placeholder stands for. */
  private static String value(MatchResult placeholder) {
    var number = placeholder.group(2) == null ? 1 : Integer.parseInt(placeholder.group(2));
    return switch (placeholder.group(1)) {
      case "time" -> "2026-01-31T12:00:00Z";
      case "id" -> "65ba%020x".formatted(number);
      case "uuid" -> "00000000-0000-4000-8000-%012x".formatted(number);
      case "key-id" -> "Key%013d".formatted(number);
      case "port" -> "8080";
      case "seconds" -> "1";
      case "cursor" -> "aTE";
      default ->
          placeholder.group(1).endsWith("-key")
              ? "cpz_" + placeholder.group(1).replace("-key", "") + "_…"
              : placeholder.group();
    };
  }
}
