package io.capataz.cli.apply;

import io.capataz.cli.api.Named;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Workflows. Nodes may name their task or workflow instead of giving its id. */
record WorkflowShelf(Places places) implements Shelf {

  private static final List<String> OUTSIDE = List.of("name", "acls", "triggers");

  @Override
  public ObjectNode wanted(Definition definition) {
    ObjectNode wanted = definition.fields().deepCopy();
    for (JsonNode node : wanted.at("/graph/nodes")) {
      if (node.path("value") instanceof ObjectNode value) {
        replace(value, "task", Named.TASK, Kind.TASK);
        replace(value, "workflow", Named.WORKFLOW, Kind.WORKFLOW);
      }
    }
    return wanted;
  }

  private void replace(ObjectNode value, String field, Named kind, Kind described) {
    if (value.path(field).isString()) {
      value.put(field + "_id", places.id(kind, described, value.path(field).stringValue()));
      value.remove(field);
    }
  }

  @Override
  public Optional<JsonNode> live(Definition definition, ObjectNode wanted) {
    return places.find(Named.WORKFLOW, definition.name()).map(WorkflowShelf::flat);
  }

  /** Its definition, with what stands beside it. */
  private static JsonNode flat(JsonNode workflow) {
    ObjectNode flat =
        workflow.path("definition") instanceof ObjectNode definition
            ? definition.deepCopy()
            : ((ObjectNode) workflow).objectNode();
    OUTSIDE.forEach(field -> flat.set(field, workflow.path(field)));
    flat.set("id", workflow.path("id"));
    flat.set("version", workflow.path("version"));
    return flat;
  }

  @Override
  public JsonNode create(Definition definition, ObjectNode wanted) {
    return flat(places.api().send("POST", Named.WORKFLOW.path(), wanted));
  }

  @Override
  public JsonNode change(JsonNode live, ObjectNode wanted) {
    ObjectNode whole = ((ObjectNode) live).deepCopy();
    whole.remove(List.of("id", "version"));
    wanted.properties().forEach(field -> put(whole, field.getKey(), field.getValue()));
    return flat(places.api().send("PUT", at(live), whole));
  }

  static void put(ObjectNode whole, String name, JsonNode value) {
    if (value.isNull()) {
      whole.remove(name);
    } else {
      whole.set(name, value);
    }
  }

  @Override
  public void remove(JsonNode live) {
    var _ = places.api().send("DELETE", at(live), null);
  }

  private static String at(JsonNode live) {
    return Named.WORKFLOW.at(live.path("id").asString(""));
  }
}
