package io.capataz.supervisor.golden;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * JSON laid out over lines. Names, their order and every scalar stay as they were sent: {@code 1.0}
 * does not become {@code 1}, an escape stays an escape.
 */
final class PlainJson {

  /** Objects made of a map without an order; sorted, since the order means nothing. */
  private static final Set<String> MAPS =
      Set.of("env", "environment", "labels", "labels_by_api", "labels_by_agent", "path");

  private static final String STEP = "  ";

  private final String text;
  private int at;

  private PlainJson(String text) {
    this.text = text;
  }

  /** Lays out a JSON text, without the members of these names. */
  static String laidOut(String text, Set<String> leftOut) {
    var json = new PlainJson(text);
    var value = json.value("", leftOut);
    json.space();
    if (json.at != text.length()) {
      throw new IllegalArgumentException("There is more behind the JSON: " + text);
    }
    var lines = new StringBuilder();
    write(value, "", lines);
    return lines.toString();
  }

  private Object value(String name, Set<String> leftOut) {
    space();
    return switch (text.charAt(at)) {
      case '{' -> members(name, leftOut);
      case '[' -> items(leftOut);
      case '"' -> string();
      default -> scalar();
    };
  }

  private Map<String, Object> members(String name, Set<String> leftOut) {
    Map<String, Object> members = MAPS.contains(name) ? new TreeMap<>() : new LinkedHashMap<>();
    at++;
    space();
    while (text.charAt(at) != '}') {
      var quoted = string();
      space();
      at++; // The colon.
      var member = quoted.substring(1, quoted.length() - 1);
      var value = value(member, leftOut);
      if (!leftOut.contains(member) && members.put(quoted, value) != null) {
        throw new IllegalArgumentException("A name is there twice: " + quoted);
      }
      comma();
    }
    at++;
    return members;
  }

  private List<Object> items(Set<String> leftOut) {
    var items = new ArrayList<Object>();
    at++;
    space();
    while (text.charAt(at) != ']') {
      items.add(value("", leftOut));
      comma();
    }
    at++;
    return items;
  }

  private void comma() {
    space();
    if (text.charAt(at) == ',') {
      at++;
      space();
    }
  }

  private String string() {
    var start = at++;
    while (text.charAt(at) != '"') {
      at += text.charAt(at) == '\\' ? 2 : 1;
    }
    return text.substring(start, ++at);
  }

  private String scalar() {
    var start = at;
    while (at < text.length() && ",]} \n".indexOf(text.charAt(at)) < 0) {
      at++;
    }
    return text.substring(start, at);
  }

  private void space() {
    while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
      at++;
    }
  }

  private static void write(Object value, String indent, StringBuilder lines) {
    switch (value) {
      case Map<?, ?> members when !members.isEmpty() -> {
        var separator = "{\n";
        for (var member : members.entrySet()) {
          lines.append(separator).append(indent).append(STEP).append(member.getKey()).append(": ");
          write(member.getValue(), indent + STEP, lines);
          separator = ",\n";
        }
        lines.append('\n').append(indent).append('}');
      }
      case Map<?, ?> _ -> lines.append("{}");
      case List<?> items when !items.isEmpty() -> {
        var separator = "[\n";
        for (var item : items) {
          lines.append(separator).append(indent).append(STEP);
          write(item, indent + STEP, lines);
          separator = ",\n";
        }
        lines.append('\n').append(indent).append(']');
      }
      case List<?> _ -> lines.append("[]");
      default -> lines.append(value);
    }
  }
}
