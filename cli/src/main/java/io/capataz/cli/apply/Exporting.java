package io.capataz.cli.apply;

import io.capataz.cli.api.Api;
import io.capataz.cli.api.Named;
import io.capataz.common.protocol.MessageJson;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Writes definitions of what is there, with names instead of ids where names are unique. */
final class Exporting {

  /** What the supervisor says of objects, and files do not. */
  private static final List<String> NOT_OURS =
      List.of(
          "id",
          "_type",
          "version",
          "customer_name",
          "creation_date",
          "last_update",
          "changed_by",
          "secret",
          "trigger_count");

  private final Api api;
  private final Map<Named, Map<String, String>> names = new HashMap<>();

  Exporting(Api api) {
    this.api = api;
  }

  /** All definitions of a kind. */
  List<JsonNode> all(Kind kind) {
    List<JsonNode> definitions = new ArrayList<>();
    for (JsonNode object : api.all(path(kind), Integer.MAX_VALUE)) {
      definition(kind, object).ifPresent(definitions::add);
    }
    return definitions;
  }

  private static String path(Kind kind) {
    return switch (kind) {
      case POOL -> Named.POOL.path();
      case WEBHOOK -> Named.WEBHOOK.path();
      case TASK -> Named.TASK.path();
      case WORKFLOW -> Named.WORKFLOW.path();
      case SCHEDULE -> "/schedule";
    };
  }

  /** The definition of one object; empty if it is not ours to describe. */
  private Optional<JsonNode> definition(Kind kind, JsonNode object) {
    ObjectNode whole = MessageJson.mapper().createObjectNode().put("kind", kind.word());
    whole.setAll(
        switch (kind) {
          case POOL -> pool(object);
          case WEBHOOK -> without(object);
          case TASK -> task(object);
          case WORKFLOW -> workflow(object);
          case SCHEDULE -> schedule(object);
        });
    return kind == Kind.SCHEDULE && !whole.has("task") && !whole.has("workflow")
        ? Optional.empty()
        : Optional.of(whole);
  }

  private static ObjectNode without(JsonNode object) {
    ObjectNode rest = ((ObjectNode) object).deepCopy();
    rest.remove(NOT_OURS);
    return rest;
  }

  private ObjectNode pool(JsonNode object) {
    ObjectNode pool = without(object);
    if (pool.hasNonNull("labels")) {
      pool.remove("hosts");
    } else {
      var ids = pool.path("hosts").valueStream().map(it -> it.asString("")).toList();
      var hosts = pool.putArray("hosts");
      ids.forEach(id -> hosts.add(name(Named.HOST, id)));
    }
    return pool;
  }

  private ObjectNode task(JsonNode object) {
    ObjectNode task = without(object);
    JsonNode host = task.remove("host_id");
    if (host != null && !host.isNull()) {
      task.put("host", name(Named.HOST, host.asString("")));
    }
    if (task.hasNonNull("pool")) {
      task.put("pool", name(Named.POOL, task.path("pool").asString("")));
    }
    JsonNode script = task.remove("script_id");
    if (script != null && !script.isNull()) {
      task.set("script", ScriptContent.of(api, script.asString("")));
    }
    return task;
  }

  private ObjectNode workflow(JsonNode object) {
    ObjectNode workflow =
        object.path("definition") instanceof ObjectNode definition
            ? without(definition)
            : without(object);
    List.of("name", "acls", "triggers").forEach(it -> workflow.set(it, object.path(it)));
    for (JsonNode node : workflow.at("/graph/nodes")) {
      if (node.path("value") instanceof ObjectNode value) {
        rename(value, "task", Named.TASK);
        rename(value, "workflow", Named.WORKFLOW);
      }
    }
    return workflow;
  }

  private void rename(ObjectNode value, String field, Named kind) {
    JsonNode id = value.get(field + "_id");
    if (id != null && id.isString()) {
      value.remove(field + "_id");
      value.put(field, name(kind, id.stringValue()));
    }
  }

  private ObjectNode schedule(JsonNode object) {
    ObjectNode schedule = MessageJson.mapper().createObjectNode();
    boolean ofTask = object.path("name").asString("").equals("task");
    schedule.put(
        ofTask ? "task" : "workflow", name(ofTask ? Named.TASK : Named.WORKFLOW, target(object)));
    ScheduleShelf.FIELDS.stream()
        .filter(object::hasNonNull)
        .forEach(field -> schedule.set(field, object.path(field)));
    return schedule;
  }

  /** The id of what a schedule starts. */
  static String target(JsonNode schedule) {
    JsonNode data = schedule.path("data");
    return data.path("task_id").asString(data.path("workflow_id").asString(""));
  }

  /** The name of an object if no other has it, else its id. */
  private String name(Named kind, String id) {
    Map<String, String> known = names.computeIfAbsent(kind, this::namesOf);
    String name = known.getOrDefault(id, id);
    return known.values().stream().filter(name::equals).count() == 1 ? name : id;
  }

  private Map<String, String> namesOf(Named kind) {
    Map<String, String> all = new HashMap<>();
    api.all(kind.path(), Integer.MAX_VALUE)
        .forEach(it -> all.put(it.path("id").asString(""), it.path("name").asString("")));
    return all;
  }
}
