package io.capataz.cli.apply;

import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Compares what a file says with what is there. A field that the file does not name is left as it
 * is, so it is no difference; within lists, which are replaced as a whole, it is one.
 */
final class Difference {

  static final String MASK = "********";

  /** What the supervisor adds to an element of a list by itself. */
  private static final Map<String, String> ADDED =
      Map.of("required", "true", "masked", "false", "readonly", "false", "multiple", "false");

  private final List<Change> changes = new ArrayList<>();
  private final Set<String> secrets;

  private Difference(Set<String> secrets) {
    this.secrets = secrets;
  }

  /**
   * One field that differs.
   *
   * @param before null: it is not there
   * @param after null: it is removed
   */
  record Change(String path, @Nullable JsonNode before, @Nullable JsonNode after) {}

  /**
   * @param secrets paths of values that must not be shown, such as {@code env.PASSWORD}
   */
  static List<Change> between(JsonNode live, ObjectNode wanted, Set<String> secrets) {
    Difference difference = new Difference(secrets);
    difference.objects("", live, wanted, false);
    return difference.changes;
  }

  private void objects(String path, JsonNode live, ObjectNode wanted, boolean whole) {
    wanted
        .properties()
        .forEach(
            field ->
                values(
                    below(path, field.getKey()),
                    live.get(field.getKey()),
                    field.getValue(),
                    whole));
    if (whole) {
      live.properties().stream()
          .filter(field -> !wanted.has(field.getKey()) && !isAdded(field, path))
          .forEach(field -> add(below(path, field.getKey()), field.getValue(), null));
    }
  }

  private static boolean isAdded(Map.Entry<String, JsonNode> field, String path) {
    String value = field.getValue().asString("");
    return field.getKey().equals("order")
        ? path.endsWith("[" + value + "]")
        : value.equals(ADDED.get(field.getKey()));
  }

  private void values(String path, @Nullable JsonNode live, JsonNode wanted, boolean whole) {
    if (live == null || live.isNull()) {
      if (!wanted.isNull()) {
        add(path, null, wanted);
      }
    } else if (wanted.isNull()) {
      add(path, live, null);
    } else if (wanted instanceof ObjectNode object && live.isObject()) {
      objects(path, live, object, whole);
    } else if (wanted.isArray() && live.isArray() && wanted.size() == live.size()) {
      for (int i = 0; i < wanted.size(); i++) {
        values("%s[%d]".formatted(path, i), live.get(i), wanted.get(i), true);
      }
    } else if (!same(live, wanted)) {
      add(path, live, wanted);
    }
  }

  private static boolean same(JsonNode live, JsonNode wanted) {
    if (live.equals(wanted) || wanted.asString("").equals(MASK)) {
      return true;
    }
    if (live.isNumber() && wanted.isNumber()) {
      return new BigDecimal(live.toString()).compareTo(new BigDecimal(wanted.toString())) == 0;
    }
    if (live.isContainer() || wanted.isContainer()) {
      return false;
    }
    String text = wanted.asString("");
    return live.asString("").equals(text) || sameInstant(live.asString(""), text);
  }

  private static boolean sameInstant(String one, String other) {
    if (one.indexOf('T') < 0 || other.indexOf('T') < 0) {
      return false;
    }
    try {
      return OffsetDateTime.parse(one).isEqual(OffsetDateTime.parse(other));
    } catch (DateTimeException e) {
      return false;
    }
  }

  private void add(String path, @Nullable JsonNode before, @Nullable JsonNode after) {
    boolean secret = secrets.contains(path) || isMask(before) || isMask(after);
    changes.add(
        secret ? new Change(path, masked(before), masked(after)) : new Change(path, before, after));
  }

  private static boolean isMask(@Nullable JsonNode value) {
    return value != null && value.asString("").equals(MASK);
  }

  private static @Nullable JsonNode masked(@Nullable JsonNode value) {
    return value == null ? null : tools.jackson.databind.node.StringNode.valueOf(MASK);
  }

  private static String below(String path, String name) {
    return path.isEmpty() ? name : path + "." + name;
  }
}
