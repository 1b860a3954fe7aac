package io.capataz.cli.apply;

import io.capataz.cli.api.Named;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Tasks, with their scripts. */
record TaskShelf(Places places) implements Shelf {

  @Override
  public ObjectNode wanted(Definition definition) {
    ObjectNode wanted = definition.fields().deepCopy();
    JsonNode host = wanted.remove("host");
    if (host != null) {
      wanted.set("host_id", host);
    }
    replace(wanted, "host_id", Named.HOST, Kind.TASK);
    replace(wanted, "pool", Named.POOL, Kind.POOL);
    if (wanted.get("script") instanceof ObjectNode script) {
      ScriptContent.load(script, definition);
    }
    return wanted;
  }

  private void replace(ObjectNode wanted, String field, Named kind, Kind described) {
    if (wanted.path(field).isString()) {
      wanted.put(field, places.id(kind, described, wanted.path(field).stringValue()));
    }
  }

  @Override
  public Optional<JsonNode> live(Definition definition, ObjectNode wanted) {
    return places.find(Named.TASK, definition.name()).map(task -> withScript(task, wanted));
  }

  private JsonNode withScript(JsonNode task, ObjectNode wanted) {
    if (!wanted.has("script") || !task.hasNonNull("script_id")) {
      return task;
    }
    ObjectNode whole = ((ObjectNode) task).deepCopy();
    return whole.set("script", ScriptContent.of(places.api(), task.path("script_id").asString("")));
  }

  @Override
  public JsonNode create(Definition definition, ObjectNode wanted) {
    return places.api().send("POST", Named.TASK.path(), wanted);
  }

  @Override
  public JsonNode change(JsonNode live, ObjectNode wanted) {
    return places.api().send("PATCH", at(live), wanted);
  }

  @Override
  public void remove(JsonNode live) {
    var _ = places.api().send("DELETE", at(live), null);
  }

  private static String at(JsonNode live) {
    return Named.TASK.at(live.path("id").asString(""));
  }
}
