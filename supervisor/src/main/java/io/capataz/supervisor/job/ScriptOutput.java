package io.capataz.supervisor.job;

import io.capataz.common.protocol.MessageJson;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;

/**
 * A script's result in the form of seed 004's system: a list of strings, each of which could be an
 * argument of another task.
 */
public final class ScriptOutput {

  private ScriptOutput() {}

  /**
   * For an object, its {@code output}, otherwise its {@code data}, otherwise all of it. Each
   * element of a list becomes a string; any other value is the only one. Values that are not
   * strings become JSON.
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

  /** What the script of a job returned; nothing, if it returned nothing. */
  public static List<String> of(Job job) {
    var ending = job.ending();
    return ending == null || ending.result() == null ? List.of() : of(ending.result());
  }

  private static String text(JsonNode value) {
    return value.isString() ? value.stringValue() : MessageJson.mapper().writeValueAsString(value);
  }
}
