package io.capataz.supervisor.job;

import io.capataz.common.protocol.MessageJson;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;

/**
 * What a script returned, in the form that seed 004's system hands on: a list of texts, of which
 * each could be an argument of another task.
 */
public final class ScriptOutput {

  private ScriptOutput() {}

  /**
   * Of an object its {@code output}, else its {@code data}, else all of it. Of a list each element
   * is a text, anything else is the only one; what is no text becomes JSON.
   */
  public static List<String> of(JsonNode result) {
    var returned = result;
    if (result.isObject()) {
      returned =
          result.hasNonNull("output")
              ? result.get("output")
              : result.hasNonNull("data") ? result.get("data") : result;
    }
    return returned instanceof ArrayNode array
        ? array.valueStream().map(ScriptOutput::text).toList()
        : List.of(text(returned));
  }

  private static String text(JsonNode value) {
    return value.isString() ? value.stringValue() : MessageJson.mapper().writeValueAsString(value);
  }
}
