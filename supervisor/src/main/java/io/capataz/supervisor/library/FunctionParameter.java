package io.capataz.supervisor.library;

import io.capataz.common.protocol.MessageJson;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * A parameter of a Python function.
 *
 * @param name Python's
 * @param type what values it takes
 * @param annotation the type in the words of its author; null: none
 * @param required whether a caller must give a value
 * @param byDefault its default as JSON; null: none, or one that only Python has
 */
record FunctionParameter(
    String name,
    Type type,
    @Nullable String annotation,
    boolean required,
    @Nullable String byDefault) {

  /** The types of parameters. */
  enum Type {
    INT,
    FLOAT,
    BOOL,
    STR,
    DATE,
    DATETIME,
    JSON;

    String word() {
      return name().toLowerCase(Locale.ROOT);
    }

    static Optional<Type> named(String word) {
      return Arrays.stream(values()).filter(type -> type.word().equals(word)).findFirst();
    }
  }

  /** The type of the task's parameter; one that is a single line has no line break by default. */
  String typeOfTask() {
    return switch (type) {
      case INT, FLOAT -> "number";
      case BOOL -> "boolean";
      case STR -> byDefault != null && byDefault.contains("\\n") ? "textarea" : "input";
      case DATE, DATETIME -> "input";
      case JSON -> "json";
    };
  }

  /** Whether the value is one of this type. */
  boolean takes(JsonNode value) {
    return switch (type) {
      case INT -> value.isNumber() && value.decimalValue().stripTrailingZeros().scale() <= 0;
      case FLOAT -> value.isNumber() && Double.isFinite(value.doubleValue());
      case BOOL -> value.isBoolean();
      case STR -> value.isString() && value.stringValue().indexOf('\0') < 0;
      case DATE -> value.isString() && isDate(value.stringValue());
      case DATETIME -> value.isString() && isDateTime(value.stringValue());
      case JSON -> true;
    };
  }

  private static boolean isDate(String text) {
    try {
      return LocalDate.parse(text).getYear() > 0;
    } catch (DateTimeException notOne) {
      return false;
    }
  }

  private static boolean isDateTime(String text) {
    try {
      var _ = DateTimeFormatter.ISO_DATE_TIME.parse(text);
      return text.indexOf('[') < 0;
    } catch (DateTimeException notOne) {
      return false;
    }
  }

  /** The argument of the script for a value; a text as it is, anything else as JSON. */
  String argument(JsonNode value) {
    return switch (type) {
      case STR, DATE, DATETIME -> value.stringValue();
      case INT, FLOAT, BOOL, JSON -> MessageJson.mapper().writeValueAsString(value);
    };
  }

  /** The argument where a caller gives no value; empty if the function knows its default. */
  String argumentByDefault() {
    return byDefault == null ? "" : argument(MessageJson.mapper().readTree(byDefault));
  }
}
