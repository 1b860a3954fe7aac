package io.capataz.supervisor.workflow;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/**
 * What must hold of the end of a step for an edge to be taken.
 *
 * @param pointer a JSON pointer to the value in question
 * @param value what it is compared with; true for {@link Test#EXISTS}
 */
public record Condition(String pointer, Test test, JsonNode value) {

  /** How a value is compared. */
  enum Test {
    EQUALS,
    NOT_EQUALS,
    LESS,
    GREATER,
    EXISTS;

    /** Its name on the wire. */
    String word() {
      return name().toLowerCase(Locale.ROOT);
    }

    static Optional<Test> named(String word) {
      return Arrays.stream(values()).filter(test -> test.word().equals(word)).findFirst();
    }
  }

  /**
   * Whether it holds.
   *
   * @param end the end of a step as data, see {@code docs/workflows.md}
   */
  public boolean holds(JsonNode end) {
    var found = end.at(pointer);
    return switch (test) {
      case EQUALS -> same(found);
      case NOT_EQUALS -> !same(found);
      case LESS -> compared(found).filter(order -> order < 0).isPresent();
      case GREATER -> compared(found).filter(order -> order > 0).isPresent();
      case EXISTS -> (!found.isMissingNode() && !found.isNull()) == value.asBoolean(true);
    };
  }

  /** Outputs are strings, so a number equals its text. */
  private boolean same(JsonNode found) {
    return found.equals(value)
        || (found.isValueNode()
            && value.isValueNode()
            && found.asString().equals(value.asString()));
  }

  private Optional<Integer> compared(JsonNode found) {
    var one = number(found);
    var other = number(value);
    if (one.isPresent() && other.isPresent()) {
      return Optional.of(one.get().compareTo(other.get()));
    }
    return found.isString() && value.isString()
        ? Optional.of(found.stringValue().compareTo(value.stringValue()))
        : Optional.empty();
  }

  private static Optional<Double> number(JsonNode node) {
    try {
      return node.isNumber()
          ? Optional.of(node.doubleValue())
          : node.isString()
              ? Optional.of(Double.valueOf(node.stringValue().strip()))
              : Optional.empty();
    } catch (NumberFormatException none) {
      return Optional.empty();
    }
  }
}
