package io.capataz.supervisor.recipe;

import io.capataz.common.protocol.Bytes;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Exports a task as a recipe, without any masked value. */
final class WrittenRecipe {

  /** How much a recipe contains. */
  enum Mode {
    /** For sharing: without target, ACL and values. */
    SHALLOW,
    /** For yourself: everything. */
    DEEP,
    /** Without anything specific to this installation, but with the values. */
    TEMPLATE
  }

  /** Where, when and by whom; only in {@link Mode#DEEP}. */
  private static final Set<String> OF_THIS_PLACE =
      Set.of(
          "id",
          "acls",
          "calls",
          "creation_date",
          "credentials",
          "last_update",
          "customer_name",
          "enable",
          "host_id",
          "pool",
          "triggers");

  /** Fields of the response, not of the task, or expressed differently below. */
  private static final Set<String> SAID_OTHERWISE =
      Set.of("kept", "changed_by", "run_as", "timeout", "script_id", "script", "secret", "version");

  private WrittenRecipe() {}

  /** The first format: {@code task} and {@code file} side by side. */
  static ObjectNode sideBySide(ObjectNode task, String filename, Bytes content) {
    var recipe = JsonNodeFactory.instance.objectNode();
    var itself = of(task, Mode.TEMPLATE);
    itself.put("enable", task.path("enable").asBoolean(true));
    recipe.set("task", itself);
    var file = file(task, filename, content);
    file.put("data", base64(content));
    recipe.set("file", file);
    return recipe;
  }

  /** The second format: the task with its {@code script} inside. */
  static ObjectNode nested(ObjectNode task, String filename, Bytes content, Mode mode) {
    var recipe = of(task, mode);
    var file = file(task, filename, content);
    file.put("data", "data:text/plain;base64," + base64(content));
    recipe.set("script", file);
    return recipe;
  }

  private static ObjectNode of(ObjectNode task, Mode mode) {
    var recipe = JsonNodeFactory.instance.objectNode();
    for (var field : task.properties()) {
      var name = field.getKey();
      if (!SAID_OTHERWISE.contains(name) && (mode == Mode.DEEP || !OF_THIS_PLACE.contains(name))) {
        recipe.set(name, field.getValue().deepCopy());
      }
    }
    recipe.put("source_model_id", task.path("id").asString());
    recipe.put("timeout", task.path("timeout").asLong() * 1000);
    recipe.put("script_runas", task.path("run_as").asString(""));
    if (mode == Mode.DEEP && recipe.has("acls")) {
      recipe.set("acl", recipe.remove("acls"));
    }
    if (task.path("kept") instanceof ObjectNode kept) {
      kept.properties().stream()
          .filter(field -> !field.getKey().equals(TaskRecipe.FILE))
          .forEach(field -> recipe.set(field.getKey(), field.getValue()));
    }
    hide(task, recipe, mode);
    recipe.path("task_arguments").forEach(WrittenRecipe::asTheOriginalHasIt);
    return recipe;
  }

  /** Fields that the original always writes, and we only if they have a value. */
  private static void asTheOriginalHasIt(JsonNode node) {
    if (node instanceof ObjectNode parameter) {
      parameter.put("id", parameter.path("order").asInt() + 1);
      if (!parameter.path("type").asString().equals("fixed")) {
        parameter.putIfAbsent("multiple", parameter.booleanNode(false));
        parameter.putIfAbsent("charset", parameter.stringNode("all"));
      }
    }
  }

  /** Empties masked values, and for sharing all values. */
  private static void hide(ObjectNode task, ObjectNode recipe, Mode mode) {
    if (recipe.path("env") instanceof ObjectNode variables) {
      if (mode == Mode.SHALLOW) {
        variables.propertyNames().forEach(name -> variables.put(name, ""));
      }
      if (task.path("masked_env") instanceof ArrayNode masked) {
        masked.forEach(name -> variables.put(name.asString(), ""));
      }
    }
    if (recipe.path("task_arguments") instanceof ArrayNode parameters) {
      for (var parameter : parameters) {
        if (parameter instanceof ObjectNode object
            && object.has("value")
            && (mode == Mode.SHALLOW || object.path("masked").asBoolean(false))) {
          object.put("value", "");
        }
      }
    }
  }

  private static ObjectNode file(ObjectNode task, String filename, Bytes content) {
    var file = JsonNodeFactory.instance.objectNode();
    JsonNode kept = task.path("kept").path(TaskRecipe.FILE);
    if (kept instanceof ObjectNode fields) {
      file.setAll(fields);
    }
    var dot = filename.lastIndexOf('.');
    file.put("filename", filename);
    file.put("extension", dot < 0 ? "" : filename.substring(dot + 1).toLowerCase(Locale.ROOT));
    file.put("size", content.length());
    file.put("md5", md5(content));
    return file;
  }

  private static String base64(Bytes content) {
    return Base64.getEncoder().encodeToString(content.toArray());
  }

  /** Distinguishes contents, as in the original's files; it protects nothing. */
  private static String md5(Bytes content) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("MD5").digest(content.toArray()));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java platform supports MD5.", e);
    }
  }
}
