package io.capataz.supervisor.web;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.NullNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The fields of a form as a JSON object: {@code a=1&b[]=2&b[]=3} becomes {@code {"a": "1", "b":
 * ["2", "3"]}}. A repeated field is a list too. {@code b[0]} sets the position in the list; values
 * without a position fill the remaining ones in the order sent.
 */
final class FormFields {

  /** A name and the content of the brackets after it: nothing, or a position. */
  private static final Pattern LIST = Pattern.compile("(.+)\\[([0-9]{0,2})\\]", Pattern.DOTALL);

  private final List<JsonNode> inOrder = new ArrayList<>();
  private final TreeMap<Integer, JsonNode> byPlace = new TreeMap<>();
  private boolean isList;

  private FormFields() {}

  static ObjectNode object(Map<String, List<JsonNode>> values) {
    var fields = new LinkedHashMap<String, FormFields>();
    values.forEach(
        (name, sent) -> {
          var list = LIST.matcher(name);
          if (list.matches()) {
            fields.computeIfAbsent(list.group(1), _ -> new FormFields()).add(list.group(2), sent);
          } else {
            fields.computeIfAbsent(name, _ -> new FormFields()).inOrder.addAll(sent);
          }
        });
    var object = JsonNodeFactory.instance.objectNode();
    fields.forEach((name, field) -> object.set(name, field.value()));
    return object;
  }

  private void add(String place, List<JsonNode> sent) {
    isList = true;
    if (place.isEmpty() || byPlace.containsKey(Integer.valueOf(place))) {
      inOrder.addAll(sent);
    } else {
      byPlace.put(Integer.valueOf(place), sent.getFirst());
      inOrder.addAll(sent.subList(1, sent.size()));
    }
  }

  private JsonNode value() {
    if (!isList && inOrder.size() == 1) {
      return inOrder.getFirst();
    }
    var list = JsonNodeFactory.instance.arrayNode();
    var rest = inOrder.iterator();
    var last = byPlace.isEmpty() ? -1 : byPlace.lastKey();
    for (var place = 0; place <= last || rest.hasNext(); place++) {
      var placed = byPlace.get(place);
      list.add(placed != null ? placed : rest.hasNext() ? rest.next() : NullNode.getInstance());
    }
    return list;
  }
}
