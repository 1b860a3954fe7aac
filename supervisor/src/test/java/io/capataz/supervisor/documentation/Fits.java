package io.capataz.supervisor.documentation;

import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Says where an answer is not as its schema tells: types, fields that miss, fields nobody told. */
final class Fits {

  private final JsonNode document;

  Fits(JsonNode document) {
    this.document = document;
  }

  Optional<String> mismatch(JsonNode schema, JsonNode value, String at) {
    if (schema.has("$ref")) {
      return mismatch(document.at(schema.get("$ref").asString().substring(1)), value, at);
    }
    for (var choices : new String[] {"oneOf", "anyOf"}) {
      if (schema.has(choices)) {
        return schema
                .get(choices)
                .valueStream()
                .anyMatch(choice -> mismatch(choice, value, at).isEmpty())
            ? Optional.empty()
            : Optional.of(at + " is none of its kinds: " + value);
      }
    }
    if (schema.has("const") && !schema.get("const").equals(value)) {
      return Optional.of(at + " is not " + schema.get("const"));
    }
    if (schema.has("type") && !isOf(schema.get("type"), value)) {
      return Optional.of(at + " should be " + schema.get("type") + " and is " + value);
    }
    if (value.isArray() && schema.has("items")) {
      for (var item : value) {
        var wrong = mismatch(schema.get("items"), item, at + "/…");
        if (wrong.isPresent()) {
          return wrong;
        }
      }
    }
    return value instanceof ObjectNode object && schema.has("properties")
        ? fields(schema, object, at)
        : Optional.empty();
  }

  private Optional<String> fields(JsonNode schema, ObjectNode object, String at) {
    for (var name : schema.path("required")) {
      if (!object.has(name.asString())) {
        return Optional.of(at + "/" + name.asString() + " is missing");
      }
    }
    for (var field : object.properties()) {
      var told = schema.path("properties").path(field.getKey());
      if (told.isMissingNode()) {
        return Optional.of(at + "/" + field.getKey() + " is not told");
      }
      var wrong = mismatch(told, field.getValue(), at + "/" + field.getKey());
      if (wrong.isPresent()) {
        return wrong;
      }
    }
    return Optional.empty();
  }

  private static boolean isOf(JsonNode type, JsonNode value) {
    if (type.isArray()) {
      return type.valueStream().anyMatch(each -> isOf(each, value));
    }
    return switch (type.asString()) {
      case "string" -> value.isString();
      case "integer" -> value.isIntegralNumber();
      case "number" -> value.isNumber();
      case "boolean" -> value.isBoolean();
      case "array" -> value.isArray();
      case "object" -> value.isObject();
      case "null" -> value.isNull();
      default -> throw new IllegalArgumentException("No such type: " + type);
    };
  }
}
