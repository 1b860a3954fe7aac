package io.capataz.supervisor.documentation;

import static org.assertj.core.api.Assertions.assertThat;

import io.capataz.supervisor.TestSupervisor;
import io.capataz.supervisor.TestSupervisor.Answer;
import io.capataz.supervisor.task.ActionKind;
import java.net.http.HttpRequest.BodyPublishers;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Asks a running supervisor what its routes read, by sending them what they must refuse: a field
 * that nobody knows is answered with the names of those that are known, a value of the wrong type
 * with the type and the bounds of the right one. So the document cannot say anything else than the
 * code does.
 */
final class Asked {

  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  /** A name that no field and no parameter has. */
  private static final String STRANGE = "?";

  /** Short enough for a word, and none. */
  private static final String SHORT = "?!";

  /** Longer than a short field, and no word or name of any kind. */
  private static final String LONG = "?".repeat(20_001);

  private static final Pattern KNOWN = Pattern.compile("Known (?:fields|parameters): (.*)\\.");
  private static final Pattern LENGTH = Pattern.compile("must have (\\d+) to (\\d+) characters\\.");
  private static final Pattern WHOLE =
      Pattern.compile("must be a whole number from (-?\\d+) to (-?\\d+)\\.");
  private static final Pattern LIST =
      Pattern.compile("must be a list of at most (\\d+) ([a-z ]+)\\.");
  private static final Pattern ITEM = Pattern.compile("must be a string of at most (\\d+) .*");
  private static final Pattern WORDS =
      Pattern.compile("must be (?:one of )?((?:[A-Za-z0-9_-]+(?:, | or ))+[A-Za-z0-9_-]+)\\.");
  private static final Pattern ORDERS = Pattern.compile("must be one of (.*), or one of those .*");

  /** Routes whose body is a whole task. */
  private static final Pattern TASK =
      Pattern.compile("(POST (/\\{customer})?/task|PUT (/\\{customer})?/task/\\{id})");

  /** Deeper than any body goes. */
  private static final int DEEPEST = 5;

  private final TestSupervisor supervisor;
  private final Tenant tenant;

  /** A person's: some routes are for people only. */
  private final String session;

  Asked(TestSupervisor supervisor, Tenant tenant) {
    this.supervisor = supervisor;
    this.tenant = tenant;
    this.session = tenant.session();
  }

  /**
   * The schema of a route's body; empty if it reads none.
   *
   * @param addressed whether the route runs what its body names, which must exist
   */
  Optional<ObjectNode> body(Route route, boolean addressed) {
    if (TASK.matcher(route.toString()).matches()) {
      return ofEveryKind(route);
    }
    return object(route, addressed ? this::addressed : UnaryOperator.identity(), "", 0);
  }

  /** The fields of tasks of all kinds: which of them belong together, the pages on tasks say. */
  private Optional<ObjectNode> ofEveryKind(Route route) {
    Optional<ObjectNode> all = Optional.empty();
    for (var kind : ActionKind.values()) {
      var one =
          object(route, body -> ((ObjectNode) body.deepCopy()).put("type", kind.type()), "", 0);
      if (all.isEmpty()) {
        all = one;
      } else if (one.isPresent()) {
        var properties = (ObjectNode) all.get().get("properties");
        one.get()
            .path("properties")
            .properties()
            .forEach(property -> properties.putIfAbsent(property.getKey(), property.getValue()));
        ((ArrayNode) all.get().path("required"))
            .removeIf(name -> !one.get().path("required").valueStream().toList().contains(name));
      }
    }
    return all;
  }

  private JsonNode addressed(JsonNode body) {
    return ((ObjectNode) body.deepCopy())
        .put("customer", tenant.name())
        .put("task", tenant.object("task"));
  }

  private Optional<ObjectNode> object(
      Route route, UnaryOperator<JsonNode> around, String pointer, int depth) {
    assertThat(depth).describedAs("%s: the depth of %s", route, pointer).isLessThan(DEEPEST);
    var strange = JSON.objectNode().put(STRANGE, 0);
    var first = send(route, around.apply(strange));
    var refusals = refusals(first);
    var known =
        Optional.ofNullable(refusals.get(pointer + "/" + STRANGE))
            .filter(refusal -> refusal.contains("Known fields: "))
            .map(Asked::names)
            .orElse(List.of());
    if (known.isEmpty()) {
      return Optional.empty();
    }
    var schema = JSON.objectNode().put("type", "object");
    var properties = schema.putObject("properties");
    var required = JSON.arrayNode();
    for (var name : known) {
      properties.putObject(name);
      if ("is required.".equals(refusals.get(pointer + "/" + name))) {
        required.add(name);
      }
    }
    UnaryOperator<JsonNode> all = value -> around.apply(each(known, value));
    var asObject = refused(route, all, strange);
    var asEmpty = refused(route, all, JSON.stringNode(""));
    var asShort = refused(route, all, JSON.stringNode(SHORT));
    var asLong = refused(route, all, JSON.stringNode(LONG));
    var asList = refused(route, all, JSON.arrayNode().add(strange));
    for (var name : known) {
      var at = pointer + "/" + name;
      var property = (ObjectNode) properties.get(name);
      addressing(name, property);
      var inside = asObject.get(at + "/" + STRANGE);
      if (inside != null && inside.contains("Known fields: ")) {
        properties.set(
            name,
            object(route, in(around, name, UnaryOperator.identity()), at, depth + 1).orElseThrow());
      } else if (inside != null && matches(ITEM, inside).isPresent()) {
        property.put("type", "object").putObject("additionalProperties").put("type", "string");
      } else if (asObject.get(at) != null) {
        typed(property, asObject.get(at));
        switch (property.path("type").asString("")) {
          case "string" ->
              bounded(
                  property,
                  List.of(
                      asEmpty.getOrDefault(at, ""),
                      asShort.getOrDefault(at, ""),
                      asLong.getOrDefault(at, "")));
          case "array" -> {
            var item = matches(ITEM, asList.getOrDefault(at + "/0", ""));
            if (asList.containsKey(at + "/0/" + STRANGE)) {
              property.set(
                  "items",
                  object(
                          route,
                          in(around, name, inner -> JSON.arrayNode().add(inner)),
                          at + "/0",
                          depth + 1)
                      .orElseThrow());
            } else {
              var items = property.putObject("items");
              item.ifPresent(
                  found -> items.put("type", "string").put("maxLength", number(found, 1)));
            }
          }
          default -> {}
        }
      }
    }
    if (!required.isEmpty()) {
      schema.set("required", required);
    }
    schema.put("additionalProperties", false);
    return Optional.of(schema);
  }

  /** The same request, with the object put into a field, and maybe a list, of it. */
  private static UnaryOperator<JsonNode> in(
      UnaryOperator<JsonNode> around, String name, UnaryOperator<JsonNode> within) {
    return inner -> around.apply(JSON.objectNode().set(name, within.apply(inner)));
  }

  /** What is said of each field that has the value. */
  private Map<String, String> refused(Route route, UnaryOperator<JsonNode> all, JsonNode value) {
    return refusals(send(route, all.apply(value)));
  }

  private static ObjectNode each(Collection<String> names, JsonNode value) {
    var body = JSON.objectNode();
    names.stream()
        .filter(name -> !name.equals("access_token") && !name.equals("customer"))
        .forEach(name -> body.set(name, value));
    // So that nothing is ever done.
    return body.put(STRANGE, 0);
  }

  /** What every body may have, and no route reads by itself. */
  private static void addressing(String name, ObjectNode property) {
    if (name.equals("customer")) {
      property.put("type", "string").put("description", "The organization; must be the token's.");
    } else if (name.equals("access_token")) {
      property
          .put("type", "string")
          .put("description", "The token, if it is sent neither in the header nor in the query.");
    }
  }

  private static void typed(ObjectNode property, String refusal) {
    var whole = matches(WHOLE, refusal);
    var list = matches(LIST, refusal);
    if (whole.isPresent()) {
      property.put("type", "integer");
      property.put("minimum", number(whole.get(), 1));
      property.put("maximum", number(whole.get(), 2));
    } else if (list.isPresent()) {
      property.put("type", "array").put("maxItems", number(list.get(), 1));
    } else if (refusal.startsWith("must be true or false")) {
      property.put("type", "boolean");
    } else if (refusal.startsWith("must be a string")
        || refusal.startsWith("must be a data URL")
        || refusal.startsWith("must be base64")) {
      property.put("type", "string");
    } else if (refusal.startsWith("must be a list of ")) {
      property.put("type", "array");
    } else {
      property.put("description", "It " + refusal);
    }
  }

  private static void bounded(ObjectNode property, List<String> refusals) {
    for (var refusal : refusals) {
      var length = matches(LENGTH, refusal);
      var words = matches(WORDS, refusal);
      if (length.isPresent()) {
        property.put("minLength", number(length.get(), 1));
        property.put("maxLength", number(length.get(), 2));
      } else if (words.isPresent()) {
        var list = property.putArray("enum");
        words(words.get().group(1)).forEach(list::add);
      } else if (refusal.startsWith("must be an instant")) {
        property.put("format", "date-time");
      } else if (refusal.startsWith("must be a data URL")) {
        property.put("format", "uri");
      }
    }
  }

  /** The parameters of a list route's query; empty if it is none. */
  List<ObjectNode> query(Route route) {
    var path = tenant.path(route.path()) + "?%3F=1&sort=%3F&limit=0";
    var refusals =
        refusals(
            supervisor.send(
                supervisor.request(path).header("Authorization", "Bearer " + session).GET()));
    var known = refusals.get("/" + STRANGE);
    if (known == null || matches(ORDERS, refusals.getOrDefault("/sort", "")).isEmpty()) {
      return List.of();
    }
    var parameters = new ArrayList<ObjectNode>();
    for (var name : names(known)) {
      var schema = JSON.objectNode().put("type", "string");
      var parameter = parameter(name, schema);
      switch (name) {
        case "sort" -> {
          var orders = matches(ORDERS, refusals.getOrDefault("/sort", ""));
          assertThat(orders).describedAs("%s: by what it can be sorted", route).isPresent();
          var list = schema.putArray("enum");
          for (var order : words(orders.orElseThrow().group(1))) {
            list.add(order);
            list.add("-" + order);
          }
          parameter.put("description", "The field to sort by; with a leading minus, descending.");
        }
        case "limit" -> {
          typed(schema, refusals.getOrDefault("/limit", ""));
          parameter.put("description", "The maximum number of items.");
        }
        case "cursor" ->
            parameter.put("description", "Continues a list: the value of its `X-Next-Cursor`.");
        case "fields" -> parameter.put("description", "The fields to return, separated by commas.");
        default ->
            parameter.put(
                "description", "Only items with this value; if repeated, with one of the values.");
      }
      parameters.add(parameter);
    }
    return parameters;
  }

  static ObjectNode parameter(String name, ObjectNode schema) {
    var parameter = JSON.objectNode().put("name", name).put("in", "query");
    parameter.set("schema", schema);
    return parameter;
  }

  private Answer send(Route route, JsonNode body) {
    return supervisor.send(
        supervisor
            .request(tenant.path(route.path()))
            .header("Authorization", "Bearer " + session)
            .header("Content-Type", "application/json")
            .method(route.method(), BodyPublishers.ofString(body.toString())));
  }

  /** What was wrong with each field, by its pointer. */
  private static Map<String, String> refusals(Answer answer) {
    var refusals = new TreeMap<String, String>();
    if (answer.status() == 400) {
      for (var error : answer.body().path("errors")) {
        refusals.putIfAbsent(error.path("pointer").asString(), error.path("detail").asString());
      }
    }
    return refusals;
  }

  private static List<String> names(String refusal) {
    var known = KNOWN.matcher(refusal);
    assertThat(known.find()).describedAs(refusal).isTrue();
    return words(known.group(1));
  }

  private static List<String> words(String list) {
    return List.of(list.split(", | or ", -1));
  }

  private static Optional<MatchResult> matches(Pattern pattern, String text) {
    var found = pattern.matcher(text);
    return found.matches() ? Optional.of(found.toMatchResult()) : Optional.empty();
  }

  private static long number(MatchResult found, int group) {
    return Long.parseLong(found.group(group));
  }
}
