package io.capataz.supervisor.recipe;

import io.capataz.supervisor.task.ActionKind;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * A task of a recipe that runs no script. People are named there by ids of another system; only
 * addresses, roles and tags are taken over, and the rest is listed as ignored.
 */
final class KindRecipe {

  private static final Map<ActionKind, Set<String>> FIELDS =
      Map.of(
          ActionKind.SCRIPT,
          Set.of(),
          ActionKind.APPROVAL,
          Set.of(
              "approvals_required",
              "self_approval",
              "deadline",
              "on_lapse",
              "success_label",
              "failure_label"),
          ActionKind.INPUT,
          Set.of("user_inputs", "deadline"),
          ActionKind.WAIT,
          Set.of("wait_for", "wait_until"),
          ActionKind.HTTP,
          Set.of(
              "url",
              "method",
              "headers",
              "masked_headers",
              "body",
              "status_code",
              "parser",
              "pattern",
              "register_body",
              "max_redirects"),
          ActionKind.NOTIFICATION,
          Set.of("subject", "body", "notificationTypes", "webhook_url"));

  /** The field that names people, of the kinds that have one. */
  private static final Map<ActionKind, String> PEOPLE =
      Map.of(
          ActionKind.APPROVAL, "approvers",
          ActionKind.INPUT, "user_inputs_members",
          ActionKind.NOTIFICATION, "recipients");

  /** Our own fields that are of a script. */
  private static final Set<String> OF_SCRIPTS =
      Set.of(
          "kill_signal",
          "kill_mode",
          "output_limit",
          "memory_limit",
          "process_limit",
          "masked_env",
          "interpreter");

  private final ObjectNode body = JsonNodeFactory.instance.objectNode();
  private final ObjectNode kept = JsonNodeFactory.instance.objectNode();
  private final List<String> unknown = new ArrayList<>();
  private final Map<String, String> origins = new HashMap<>();
  private final ActionKind kind;

  private KindRecipe(ActionKind kind) {
    this.kind = kind;
  }

  static TaskRecipe read(ObjectNode task, String at, ActionKind kind) {
    return new KindRecipe(kind).read(task, at);
  }

  private TaskRecipe read(ObjectNode task, String at) {
    body.put("type", kind.type());
    for (var field : task.properties()) {
      if (!TaskRecipe.isNothing(field.getValue())) {
        take(field.getKey(), field.getValue(), at + "/" + TaskRecipe.escaped(field.getKey()));
      }
    }
    // What the original does where nothing is said.
    if (kind == ActionKind.INPUT && !body.has("user_inputs")) {
      body.put("user_inputs", false);
    }
    if (kind == ActionKind.HTTP && !body.has("register_body")) {
      body.put("register_body", false);
    }
    if (kind == ActionKind.INPUT && !body.path("user_inputs").asBoolean(false)) {
      body.remove("user_inputs_members");
    }
    body.set("kept", kept);
    return new TaskRecipe(body, Optional.empty(), unknown, origins);
  }

  private void take(String name, JsonNode value, String pointer) {
    if (name.equals(PEOPLE.get(kind))) {
      people(name, value, pointer);
    } else if (name.equals("approvals_target") && kind == ActionKind.APPROVAL) {
      target(value, pointer);
    } else if (name.equals("notificationTypes") && kind == ActionKind.NOTIFICATION) {
      put(name, types(value), pointer);
    } else if (FIELDS.getOrDefault(kind, Set.of()).contains(name) || isCommon(name)) {
      put(name, value, pointer);
    } else if (name.equals("task_arguments")) {
      put(name, TaskRecipe.parameters(value, pointer, unknown), pointer);
    } else if (name.equals("acl") || name.equals("acls")) {
      put("acls", value, pointer);
    } else if (name.equals("timeout")) {
      TaskRecipe.timeout(value, body, kept);
      origins.put(name, pointer);
    } else if (TaskRecipe.KEPT.contains(name)) {
      kept.set(name, value);
    } else if (!TaskRecipe.OF_ITS_PLACE.contains(name)
        || (TaskRecipe.LEFT_OUT.contains(name) && TaskRecipe.says(value))) {
      unknown.add(pointer);
    }
  }

  private static boolean isCommon(String name) {
    return (TaskRecipe.SAME.contains(name) && !name.equals("env"))
        || (TaskRecipe.OURS.contains(name) && !OF_SCRIPTS.contains(name));
  }

  private void put(String name, JsonNode value, String pointer) {
    body.set(name, value);
    origins.put(name, pointer);
  }

  private void people(String name, JsonNode value, String pointer) {
    if (!(value instanceof ArrayNode sent)) {
      put(name, value, pointer);
      return;
    }
    var known = JsonNodeFactory.instance.arrayNode();
    for (var i = 0; i < sent.size(); i++) {
      var entry = sent.get(i);
      if (entry.isString() && !entry.stringValue().matches("[0-9a-f]{24}")) {
        known.add(entry);
      } else {
        unknown.add(pointer + "/" + i);
      }
    }
    if (!known.isEmpty()) {
      put(name, known, pointer);
    }
  }

  private void target(JsonNode value, String pointer) {
    if (Set.of("fixed", "initiator").contains(value.asString(""))) {
      put("approvals_target", value, pointer);
    } else {
      unknown.add(pointer);
    }
  }

  /** What went to a phone or a browser there goes to the inbox here. */
  private static JsonNode types(JsonNode value) {
    if (!(value instanceof ObjectNode sent)) {
      return value;
    }
    var types = sent.deepCopy();
    if (!types.path("email").asBoolean(false)) {
      types.put("desktop", true);
    }
    return types;
  }
}
