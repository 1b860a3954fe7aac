package io.capataz.supervisor.task;

import io.capataz.common.protocol.MessageJson;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Applies a partial update: merges it into the task as shown in a response (RFC 7396). Null resets
 * a field to its default.
 *
 * <p>Some settings have several fields. A field that was sent replaces its aliases.
 */
final class TaskPatch {

  private static final List<List<String>> SAME =
      List.of(
          List.of("host_id", "host", "pool"),
          List.of("script_id", "script"),
          List.of("acls", "acl"),
          List.of("run_as", "script_runas"));

  private static final Map<String, String> LIMITS =
      Map.of("output", "output_limit", "memory", "memory_limit", "processes", "process_limit");

  private TaskPatch() {}

  /** The complete task; {@code patch} is not modified. */
  static ObjectNode merged(Task current, ObjectNode patch) {
    ObjectNode whole = MessageJson.mapper().valueToTree(TaskView.of(current));
    SAME.stream()
        .filter(names -> names.stream().anyMatch(patch::has))
        .forEach(names -> names.forEach(whole::remove));
    concurrency(whole, patch);
    if (patch.get("limits") instanceof ObjectNode limits) {
      limits.propertyNames().forEach(name -> removeIfKnown(whole, LIMITS.get(name)));
    }
    merge(whole, patch);
    masked(whole, patch);
    return whole;
  }

  private static void removeIfKnown(ObjectNode whole, @Nullable String name) {
    if (name != null) {
      whole.remove(name);
    }
  }

  /** {@code multitasking} and {@code max_parallel} set the same limit. */
  private static void concurrency(ObjectNode whole, ObjectNode patch) {
    if (patch.has("max_parallel")) {
      whole.remove("multitasking");
    } else if (patch.has("multitasking")
        && !patch.get("multitasking").equals(whole.get("multitasking"))) {
      whole.remove("max_parallel");
    }
    if (patch.has("concurrency_key") && patch.get("concurrency_key").isNull()) {
      whole.remove("concurrency_limit");
    }
  }

  /** A removed variable is no longer a secret either. */
  private static void masked(ObjectNode whole, ObjectNode patch) {
    if (!patch.has("env") || patch.has("masked_env")) {
      return;
    }
    var left = MessageJson.mapper().createArrayNode();
    whole
        .path("masked_env")
        .forEach(
            name -> {
              if (sets(whole.path("env"), name.asString())) {
                left.add(name);
              }
            });
    whole.set("masked_env", left);
  }

  private static boolean sets(JsonNode env, String name) {
    return env.isString()
        ? env.stringValue().lines().anyMatch(line -> line.startsWith(name + "="))
        : env.has(name);
  }

  private static void merge(ObjectNode whole, ObjectNode patch) {
    patch
        .properties()
        .forEach(
            field -> {
              var name = field.getKey();
              var value = field.getValue();
              if (value.isNull()) {
                whole.remove(name);
              } else if (value instanceof ObjectNode part
                  && whole.get(name) instanceof ObjectNode known) {
                merge(known, part);
              } else {
                whole.set(name, value);
              }
            });
  }
}
