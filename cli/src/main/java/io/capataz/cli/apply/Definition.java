package io.capataz.cli.apply;

import io.capataz.cli.terminal.Failure;
import java.nio.file.Path;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * One object as a file describes it.
 *
 * @param fields what is said of it, without its kind
 * @param origin where it stands, for messages
 * @param folder that paths in it are relative to
 */
record Definition(Kind kind, ObjectNode fields, String origin, Path folder) {

  static Definition read(JsonNode document, String origin, Path folder) {
    if (!(document instanceof ObjectNode object)) {
      throw Failure.usage(origin + ": must be a map with kind and name.");
    }
    ObjectNode fields = object.deepCopy();
    Kind kind = Kind.of(fields.path("kind").asString(""), origin);
    fields.remove("kind");
    Definition read = new Definition(kind, fields, origin, folder);
    var _ = read.label();
    return read;
  }

  /** A text that must be there. */
  String required(String field) {
    String text = fields.path(field).asString("");
    if (text.isBlank()) {
      throw Failure.usage("%s: a %s needs %s.".formatted(origin, kind.word(), field));
    }
    return text;
  }

  String name() {
    return required("name");
  }

  /** What it is called in messages: {@code task/backup}. */
  String label() {
    if (kind != Kind.SCHEDULE) {
      return kind.word() + "/" + name();
    }
    if (fields.has("task") == fields.has("workflow")) {
      throw Failure.usage(origin + ": a schedule needs either task or workflow.");
    }
    String target = fields.has("task") ? "task" : "workflow";
    String description = fields.path("description").asString("");
    return "schedule/%s/%s".formatted(target, required(target))
        + (description.isEmpty() ? "" : "/" + description);
  }

  /** Whether it is the one of that kind and name. */
  boolean is(Kind other, String name) {
    return kind == other && fields.path("name").asString("").equals(name);
  }
}
