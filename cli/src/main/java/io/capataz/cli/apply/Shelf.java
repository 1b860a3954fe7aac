package io.capataz.cli.apply;

import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** How objects of one kind are found, made and changed. */
interface Shelf {

  /** What a definition says, in the fields of the API: names are ids, files are their content. */
  ObjectNode wanted(Definition definition);

  /** The object that is there, in the same fields and with its {@code id}. */
  Optional<JsonNode> live(Definition definition, ObjectNode wanted);

  /** Makes it. */
  JsonNode create(Definition definition, ObjectNode wanted);

  /** Changes it; what the definition does not say stays. */
  JsonNode change(JsonNode live, ObjectNode wanted);

  /** Removes it. */
  void remove(JsonNode live);
}
