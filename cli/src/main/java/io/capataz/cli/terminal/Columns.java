package io.capataz.cli.terminal;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import tools.jackson.databind.JsonNode;

/**
 * How objects of one kind are shown in a table.
 *
 * @param name what {@link Format#NAME} prints of an object
 */
public record Columns(Function<JsonNode, String> name, List<Column> all) {

  public Columns {
    all = List.copyOf(all);
  }

  /** A column. */
  public record Column(String title, Function<JsonNode, String> value) {}

  /** Columns of objects that are known by the text at {@code pointer}. */
  public static Columns named(String pointer) {
    return new Columns(object -> text(object, pointer), List.of());
  }

  /** One more column: the value at a JSON pointer. */
  public Columns with(String title, String pointer) {
    return with(title, object -> text(object, pointer));
  }

  /** One more column. */
  public Columns with(String title, Function<JsonNode, String> value) {
    List<Column> more = new ArrayList<>(all);
    more.add(new Column(title, value));
    return new Columns(name, more);
  }

  /** The value at a JSON pointer, as text; empty if there is none. */
  public static String text(JsonNode object, String pointer) {
    JsonNode value = object.at(pointer);
    if (value.isMissingNode() || value.isNull()) {
      return "";
    }
    if (value.isArray()) {
      return String.join(",", value.valueStream().map(Columns::plain).toList());
    }
    return plain(value);
  }

  private static String plain(JsonNode value) {
    return value.isString() ? value.stringValue() : value.toString();
  }
}
