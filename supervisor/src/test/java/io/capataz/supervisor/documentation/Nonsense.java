package io.capataz.supervisor.documentation;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Values as a schema wants them, and values as nobody does. */
final class Nonsense {

  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  private static final List<String> TEXTS =
      List.of(
          "",
          " ",
          "x",
          "true",
          "0",
          "-1",
          "null",
          "NaN",
          "../../etc/passwd",
          "a\u0000b",
          "\u0001\u0002\u001b[31m\u007f",
          "\u202e\u200b\ufeff",
          "\ud83e\udd8a\u00fc\u4f60",
          "'; DROP TABLE jobs; --",
          "<script>alert(1)</script>",
          "${jndi:ldap://example.org/x}",
          "{{7*7}}",
          "$where",
          "%00%ff%2e%2e%2f",
          "\r\nX-Injected: 1",
          "2026-13-45T99:99:99Z",
          "+999999999-12-31T23:59:59.999999999Z",
          "2026-01-31T12:00:00Z",
          "data:text/plain;base64,====",
          "data:;base64,eA==",
          "(a+)+$",
          "[",
          "SIGKILL",
          "0123456789abcdef01234567",
          "999999999999999999999999",
          "cpz_sk_0");

  private static final List<String> SEGMENTS =
      List.of(
          "0123456789abcdef01234567",
          "ffffffffffffffffffffffff",
          "undefined",
          "-1",
          "999999999999999999999",
          "%00",
          "%0d%0aX-Injected:%201",
          "%2e%2e",
          "..",
          ".",
          "%2F",
          "%5c",
          "%25",
          "%ff",
          "%c0%ae",
          "%ed%a0%80",
          "%f0%9f%a6%8a",
          "%24ne",
          "%7B%22%24gt%22:%22%22%7D",
          "a;b=c",
          "%3b",
          "*",
          "%20",
          "",
          "%zz",
          "a%",
          "x".repeat(300),
          "y".repeat(6_000));

  private static final List<String> BODIES =
      List.of(
          "{",
          "}",
          "[",
          "nope",
          "{}{}",
          "{\"a\":1,\"a\":2}",
          "{\"a\":01}",
          "{\"a\":NaN}",
          "{\"a\":1e99999999}",
          "{\"a\":\"\\ud800\"}",
          "{\"\\udc00\":1}",
          "{\"a\":\"\\u00\"}",
          "{\"name\":\"\u0001\"}",
          "{'a':1}",
          "{\"a\":1,}",
          "// comment\n{}",
          "\ufeff{}",
          "null",
          "true",
          "1",
          "\"text\"",
          "[]",
          "[{}]",
          "[[[[]]]]",
          "\u0000",
          "a=b&a=c&a[]=d&a[b]=e",
          "name=%ff",
          "name=%",
          "name[]=1&name=2&host_id[$ne]=1",
          "=&=&&&=",
          "<a>b</a>",
          "--x\r\nContent-Disposition: form-data; name=\"name\"\r\n\r\nb\r\n--x--\r\n",
          "--x\r\nContent-Disposition: form-data; name=\"a\"; filename=\"../b\"\r\n\r\nb\r\n--x",
          "--x--",
          "{\"a\":".repeat(100) + "1" + "}".repeat(100),
          "[".repeat(50_000),
          "[" + "1,".repeat(120_000) + "1]",
          "{\"a\":" + "9".repeat(5_000) + "}");

  private static final List<String> TYPES =
      List.of(
          "application/json",
          "application/json",
          "application/json",
          "application/json; charset=utf-16",
          "application/problem+json",
          "application/merge-patch+json",
          "application/x-www-form-urlencoded",
          "application/x-www-form-urlencoded",
          "multipart/form-data; boundary=x",
          "multipart/form-data",
          "text/plain",
          "application/xml",
          "application/octet-stream",
          "nonsense",
          "/",
          "*/*",
          "");

  private final RandomGenerator random;

  Nonsense(RandomGenerator random) {
    this.random = random;
  }

  boolean chance(double probability) {
    return random.nextDouble() < probability;
  }

  <T> T any(List<T> of) {
    return of.get(random.nextInt(of.size()));
  }

  String text() {
    return chance(0.02) ? "z".repeat(random.nextInt(200_000)) : any(TEXTS);
  }

  String segment() {
    return any(SEGMENTS);
  }

  String body() {
    return any(BODIES);
  }

  String type() {
    return any(TYPES);
  }

  static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  /** Something that is no answer to any question. */
  JsonNode value() {
    return switch (random.nextInt(16)) {
      case 0 -> JSON.nullNode();
      case 1 -> JSON.booleanNode(random.nextBoolean());
      case 2 -> JSON.numberNode(random.nextInt(-2, 3));
      case 3 -> JSON.numberNode(random.nextLong());
      case 4 -> JSON.numberNode(random.nextDouble() * 1e300);
      case 5 -> JSON.numberNode(new BigInteger("9".repeat(1 + random.nextInt(90))));
      case 6 -> JSON.numberNode(new BigDecimal("0.1"));
      case 7 -> JSON.objectNode();
      case 8 -> JSON.objectNode().put("$gt", "");
      case 9 -> JSON.objectNode().put("$where", "sleep(1000)").put("a.b", 1);
      case 10 -> JSON.arrayNode();
      case 11 -> JSON.arrayNode().add(value()).add(value());
      case 12 -> wide();
      case 13 -> deep();
      default -> JSON.stringNode(text());
    };
  }

  private JsonNode wide() {
    var wide = JSON.objectNode();
    for (var i = 0; i < 1_200; i++) {
      wide.put("k" + i, "v");
    }
    return wide;
  }

  private JsonNode deep() {
    JsonNode deep = JSON.objectNode();
    for (var i = random.nextInt(1, 40); i > 0; i--) {
      deep = JSON.objectNode().set("a", deep);
    }
    return deep;
  }

  /** Puts nonsense into a few places of a body. */
  JsonNode spoiled(ObjectNode body) {
    for (var times = random.nextInt(1, 4); times > 0; times--) {
      var places = new ArrayList<ObjectNode>();
      collect(body, places);
      var place = any(places);
      var names = new ArrayList<>(place.propertyNames());
      if (names.isEmpty() || chance(0.15)) {
        place.set(chance(0.3) ? text() : "surprise", value());
      } else if (chance(0.15)) {
        place.remove(any(names));
      } else {
        place.set(any(names), value());
      }
    }
    return body;
  }

  private static void collect(JsonNode node, List<ObjectNode> places) {
    if (node instanceof ObjectNode object) {
      places.add(object);
      object.forEach(child -> collect(child, places));
    } else if (node instanceof ArrayNode array) {
      array.forEach(child -> collect(child, places));
    }
  }

  /** A value that fits a schema, as far as a schema can say. */
  JsonNode fitting(JsonNode schema) {
    if (schema.has("enum")) {
      var words = schema.get("enum");
      return words.get(random.nextInt(words.size()));
    }
    return switch (schema.path("type").asString("")) {
      case "object" -> object(schema);
      case "array" -> {
        var array = JSON.arrayNode();
        for (var i = random.nextInt(3); i > 0; i--) {
          array.add(fitting(schema.path("items")));
        }
        yield array;
      }
      case "integer" -> {
        var least = schema.path("minimum").asLong(0);
        var most = schema.path("maximum").asLong(100);
        yield JSON.numberNode(
            chance(0.3) ? (chance(0.5) ? least : most) : random.nextLong(least, most + 1));
      }
      case "boolean" -> JSON.booleanNode(random.nextBoolean());
      case "string" ->
          JSON.stringNode(
              schema.path("format").asString("").equals("date-time")
                  ? "2026-01-3" + random.nextInt(2) + "T12:00:00Z"
                  : "text" + random.nextInt(1_000));
      default -> value();
    };
  }

  private ObjectNode object(JsonNode schema) {
    var object = JSON.objectNode();
    var required = schema.path("required");
    schema
        .path("properties")
        .properties()
        .forEach(
            property -> {
              var must =
                  required.valueStream().anyMatch(r -> r.asString().equals(property.getKey()));
              if (must || chance(0.25)) {
                object.set(property.getKey(), fitting(property.getValue()));
              }
            });
    return object;
  }
}
