package io.capataz.supervisor.workflow;

import io.capataz.supervisor.web.ApiProblem.FieldError;
import io.capataz.supervisor.workflow.Plan.Edge;
import io.capataz.supervisor.workflow.Plan.ForEach;
import io.capataz.supervisor.workflow.Plan.Options;
import io.capataz.supervisor.workflow.Plan.Step;
import io.capataz.supervisor.workflow.Plan.Value;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonPointer;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Reads the graph of a workflow: graphlib's JSON, as seed 004's system has it. In its second
 * version each node is a task and an edge is labelled with the event that takes it; in the first
 * one events are nodes, between those of tasks. What is ours stands in the value of a node, and
 * beside that of an edge.
 */
final class GraphFields {

  /** The most steps of a workflow. */
  static final int MOST_STEPS = 2_000;

  static final int MOST_EDGES = 10_000;

  private static final int MOST_AT_ONCE = 1_000;
  private static final int MOST_ATTEMPTS = 20;
  private static final long MONTH = 31L * 24 * 3600;
  private static final int LONGEST = 200;

  /** The node in front of the first task, which newer versions of the original draw. */
  private static final String START_NODE = "START_NODE";

  private static final Pattern ID = Pattern.compile("[0-9a-fA-F]{24}");

  private final List<FieldError> errors;
  private final ObjectNode definition;
  private final Map<String, JsonNode> tasks = new HashMap<>();
  private final Map<String, Step> steps = new LinkedHashMap<>();
  private final Map<String, String> pointers = new HashMap<>();
  private final Map<String, JsonNode> joins = new HashMap<>();

  /** Events that are nodes, with their names. */
  private final Map<String, String> events = new HashMap<>();

  private final Map<String, Edge> edges = new LinkedHashMap<>();
  private final Set<String> starts = new LinkedHashSet<>();

  GraphFields(ObjectNode definition, List<FieldError> errors) {
    this.definition = definition;
    this.errors = errors;
  }

  /** What was read. */
  record Read(
      Map<String, Step> steps,
      List<Edge> edges,
      List<String> starts,
      Map<String, String> pointers) {}

  Read read() {
    var graph = definition.path("graph");
    if (!(graph.path("nodes") instanceof ArrayNode nodes)
        || !(graph.path("edges") instanceof ArrayNode links)) {
      wrong("/graph", "wrong_type", "must contain the lists nodes and edges.");
      return done();
    }
    if (nodes.isEmpty() || nodes.size() > MOST_STEPS || links.size() > MOST_EDGES) {
      wrong(
          "/graph",
          nodes.isEmpty() ? "empty" : "too_many",
          "must have 1 to %d nodes and at most %d edges.".formatted(MOST_STEPS, MOST_EDGES));
      return done();
    }
    definition.path("tasks").forEach(task -> tasks.put(task.path("id").asString(""), task));
    for (var i = 0; i < nodes.size(); i++) {
      node(nodes.get(i), "/graph/nodes/" + i);
    }
    if (errors.isEmpty()) {
      links(links);
      joins.forEach(this::join);
      start();
    }
    return done();
  }

  private Read done() {
    return new Read(steps, List.copyOf(edges.values()), List.copyOf(starts), pointers);
  }

  private void node(JsonNode node, String at) {
    var id = node.path("v").asString("");
    if (id.isEmpty() || id.length() > LONGEST) {
      wrong(at + "/v", "required", "must be the id of the node, 1 to 200 characters.");
      return;
    }
    var type = node.at("/value/_type").asString("");
    if (id.equals(START_NODE)) {
      return;
    }
    if (type.endsWith("Event")) {
      events.put(id, node.at("/value/name").asString("success"));
      return;
    }
    if (pointers.putIfAbsent(id, at) != null) {
      wrong(at + "/v", "not_unique", "must be unique; another node is also called " + id + ".");
      return;
    }
    steps.put(id, step(id, node.path("value"), at));
  }

  private Step step(String id, JsonNode value, String at) {
    var held = tasks.get(id);
    var join = value.get("join");
    if (join != null && !join.isNull()) {
      joins.put(id, join);
    }
    var kind =
        held != null && held.hasNonNull("type")
            ? held.get("type").asString("")
            : value.path("type").asString("");
    var workflow = text(value, "workflow_id");
    return new Step(
        id,
        name(id, value, held),
        workflow == null ? task(id, value, held) : null,
        workflow,
        kind,
        0,
        forEach(value.path("for_each"), at + "/value/for_each"),
        arguments(value.path("arguments"), at + "/value/arguments"),
        options(value, at + "/value"));
  }

  private static String name(String id, JsonNode value, @Nullable JsonNode held) {
    var named = text(value, "name");
    var ofTask = held == null ? null : text(held, "name");
    return named != null ? named : ofTask != null ? ofTask : id;
  }

  /** The task of a node: named in it, or by the list of tasks, or by the ids of the node itself. */
  private static @Nullable String task(String id, JsonNode value, @Nullable JsonNode held) {
    if (value.hasNonNull("task_id")) {
      return value.get("task_id").asString("");
    }
    if (held != null) {
      return text(held, "task_id");
    }
    var named = value.path("id").asString("");
    return ID.matcher(named).matches() ? named : ID.matcher(id).matches() ? id : null;
  }

  private static @Nullable String text(JsonNode in, String field) {
    var text = in.path(field).asString("");
    return text.isBlank() ? null : text;
  }

  private @Nullable ForEach forEach(JsonNode sent, String at) {
    if (sent.isMissingNode() || sent.isNull()) {
      return null;
    }
    if (!sent.isObject()) {
      wrong(at, "wrong_type", "must be an object: {\"in\": \"/output\", \"limit\": 10}.");
      return null;
    }
    var limit = whole(sent, "limit", at, 1, MOST_AT_ONCE);
    return new ForEach(value(sent.path("in"), at + "/in"), limit == null ? 10 : limit.intValue());
  }

  private Map<String, Value> arguments(JsonNode sent, String at) {
    var values = new LinkedHashMap<String, Value>();
    if (sent instanceof ObjectNode object) {
      object
          .properties()
          .forEach(
              field ->
                  values.put(field.getKey(), value(field.getValue(), at + "/" + field.getKey())));
    } else if (!sent.isMissingNode() && !sent.isNull()) {
      wrong(at, "wrong_type", "must be an object of parameter names and where each value is from.");
    }
    return values;
  }

  /** A JSON pointer, or {@code {value: …}}, or {@code {step: …, pointer: …}}. */
  private Value value(JsonNode sent, String at) {
    if (sent.isString()) {
      return new Value(null, null, pointer(sent, at));
    }
    if (sent.has("value")) {
      return new Value(sent.get("value"), null, "");
    }
    if (sent.path("step").isString()) {
      var step = sent.get("step").asString();
      return new Value(null, step, pointer(sent.path("pointer"), at + "/pointer"));
    }
    wrong(
        at,
        "wrong_type",
        "must be a JSON pointer such as \"/output/0\", {\"value\": …} or {\"step\": …,"
            + " \"pointer\": …}.");
    return new Value(JsonNodeFactory.instance.nullNode(), null, "");
  }

  private String pointer(JsonNode sent, String at) {
    var text = sent.asString("");
    try {
      var _ = JsonPointer.compile(text);
      if (text.startsWith("/")) {
        return text;
      }
    } catch (IllegalArgumentException malformed) {
      // Named below.
    }
    wrong(at, "wrong_form", "must be a JSON pointer such as /output/0.");
    return "/";
  }

  private Options options(JsonNode value, String at) {
    var going = value.path("continue_on_error");
    if (!going.isMissingNode() && !going.isNull() && !going.isBoolean()) {
      wrong(at + "/continue_on_error", "wrong_type", "must be true or false.");
    }
    var attempts = whole(value, "max_attempts", at, 1, MOST_ATTEMPTS);
    return new Options(
        going.asBoolean(false),
        seconds(whole(value, "timeout", at, 1, MONTH)),
        attempts == null ? null : attempts.intValue(),
        seconds(whole(value, "retry_delay", at, 0, MONTH)));
  }

  private static @Nullable Duration seconds(@Nullable Long count) {
    return count == null ? null : Duration.ofSeconds(count);
  }

  private @Nullable Long whole(JsonNode in, String field, String at, long least, long most) {
    var sent = in.path(field);
    if (sent.isMissingNode() || sent.isNull()) {
      return null;
    }
    if (sent.isIntegralNumber()
        && sent.canConvertToLong()
        && sent.longValue() >= least
        && sent.longValue() <= most) {
      return sent.longValue();
    }
    wrong(
        at + "/" + field,
        "wrong_number",
        "must be a whole number, %d to %d.".formatted(least, most));
    return null;
  }

  private void links(ArrayNode links) {
    var toEvents = new LinkedHashMap<String, List<String>>();
    for (var i = 0; i < links.size(); i++) {
      var at = "/graph/edges/" + i;
      var from = end(links.get(i), "v", at);
      var to = end(links.get(i), "w", at);
      if (from == null || to == null || events.containsKey(from)) {
        continue;
      }
      if (events.containsKey(to)) {
        toEvents.computeIfAbsent(to, _ -> new ArrayList<>()).add(from);
      } else if (from.equals(START_NODE)) {
        starts.add(to);
      } else {
        var event = links.get(i).path("value").asString("");
        if (event.isBlank()) {
          event = "success";
        }
        put(from, to, event, conditions(links.get(i).path("when"), at + "/when"));
      }
    }
    for (var link : links) {
      var name = events.get(link.path("v").asString(""));
      if (name != null) {
        toEvents
            .getOrDefault(link.path("v").asString(), List.of())
            .forEach(from -> put(from, link.path("w").asString(), name, List.of()));
      }
    }
  }

  /** graphlib has one edge for each ordered pair: the last one counts. */
  private void put(String from, String to, String event, List<Condition> when) {
    if (steps.containsKey(to)) {
      edges.put(from + "\n" + to, new Edge(edges.size(), from, to, event, when));
    }
  }

  private @Nullable String end(JsonNode edge, String field, String at) {
    var id = edge.path(field).asString("");
    if (steps.containsKey(id) || events.containsKey(id) || id.equals(START_NODE)) {
      return id;
    }
    wrong(at + "/" + field, "not_found", "must be the id of one of the nodes, not '" + id + "'.");
    return null;
  }

  private List<Condition> conditions(JsonNode sent, String at) {
    var conditions = new ArrayList<Condition>();
    if (sent instanceof ArrayNode list) {
      for (var i = 0; i < list.size(); i++) {
        condition(list.get(i), at + "/" + i, conditions);
      }
    } else if (!sent.isMissingNode() && !sent.isNull()) {
      wrong(at, "wrong_type", "must be a list of conditions.");
    }
    return conditions;
  }

  private void condition(JsonNode sent, String at, List<Condition> conditions) {
    var pointer = pointer(sent.path("pointer"), at + "/pointer");
    for (var name : sent.propertyNames()) {
      var test = Condition.Test.named(name);
      if (test.isPresent()) {
        conditions.add(new Condition(pointer, test.get(), sent.get(name)));
      } else if (!name.equals("pointer")) {
        wrong(
            at + "/" + name,
            "unknown_word",
            "must be pointer, equals, not_equals, less, greater or exists.");
      }
    }
    if (sent.size() < 2) {
      wrong(
          at, "required", "must say what is compared: equals, not_equals, less, greater, exists.");
    }
  }

  private void join(String id, JsonNode sent) {
    var edgesIn = (int) edges.values().stream().filter(edge -> edge.to().equals(id)).count();
    var at = pointers.get(id) + "/value/join";
    var need =
        switch (sent.asString("")) {
          case "each" -> 0;
          case "any" -> 1;
          case "all" -> edgesIn;
          default -> sent.isIntegralNumber() && sent.canConvertToInt() ? sent.intValue() : -1;
        };
    if (need < 0 || (need == 0 && sent.isNumber())) {
      wrong(at, "unknown_word", "must be each, any, all or a number of edges.");
    } else if (need > edgesIn) {
      wrong(
          at,
          "never_met",
          "can never be met: step %s waits for %d edges, and %d lead to it."
              .formatted(id, need, edgesIn));
    } else {
      steps.computeIfPresent(id, (_, step) -> joined(step, need));
    }
  }

  private static Step joined(Step step, int need) {
    return new Step(
        step.id(),
        step.name(),
        step.task(),
        step.workflow(),
        step.kind(),
        need,
        step.forEach(),
        step.arguments(),
        step.options());
  }

  private void start() {
    var named = definition.path("start_task_id").asString("");
    if (!named.isEmpty()) {
      if (steps.containsKey(named)) {
        starts.clear();
        starts.add(named);
      } else {
        wrong("/start_task_id", "not_found", "must be the id of one of the nodes.");
      }
    }
    if (starts.isEmpty() && errors.isEmpty()) {
      var reached = new LinkedHashSet<>(steps.keySet());
      edges.values().forEach(edge -> reached.remove(edge.to()));
      starts.addAll(reached);
    }
  }

  private void wrong(String pointer, String code, String detail) {
    errors.add(new FieldError(pointer, code, detail));
  }
}
