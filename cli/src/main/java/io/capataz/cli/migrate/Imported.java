package io.capataz.cli.migrate;

import io.capataz.common.protocol.MessageJson;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import tools.jackson.databind.node.ObjectNode;

/** Definitions made from those of another system, and what they do not carry over. */
final class Imported {

  private final List<ObjectNode> definitions = new ArrayList<>();
  private final Set<String> notes = new LinkedHashSet<>();
  private final Set<String> names = new HashSet<>();

  /** A definition of a kind, to be filled in. */
  ObjectNode add(String kind) {
    ObjectNode definition = MessageJson.mapper().createObjectNode().put("kind", kind);
    definitions.add(definition);
    return definition;
  }

  /** Says what is not carried over, once. */
  void note(String place, String sentence) {
    notes.add(place + ": " + sentence);
  }

  /** The name, or one with a number if there is such a task or workflow already. */
  String unique(String name) {
    String unique = name;
    for (int number = 2; !names.add(unique); number++) {
      unique = name + "-" + number;
    }
    return unique;
  }

  List<ObjectNode> definitions() {
    return List.copyOf(definitions);
  }

  List<String> notes() {
    return List.copyOf(notes);
  }
}
