package io.capataz.supervisor.console;

import io.capataz.common.protocol.MessageJson;
import io.capataz.supervisor.web.ApiInput;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The form that runs a task: what it shows, and what it sends. The API checks the values; what it
 * says of one stands beside its field.
 *
 * @param notBefore an instant; empty: at once
 * @param priority empty: the task's
 * @param problem what is wrong with all of it; null: nothing
 * @param others what is wrong with what has no field of its own
 */
record RunForm(
    List<RunField> fields,
    String notBefore,
    String startBy,
    String priority,
    @Nullable String problem,
    List<String> others,
    Map<String, String> errors) {

  private static final String ARGUMENT = "/task_arguments/";

  RunForm {
    fields = List.copyOf(fields);
    others = List.copyOf(others);
    errors = Map.copyOf(errors);
  }

  /** The form as it is opened: with the task's defaults, or with the arguments of a job. */
  static RunForm opened(JsonNode task, @Nullable JsonNode like, Words words) {
    var fields = new ArrayList<RunField>();
    var place = 0;
    for (var parameter : task.path("task_arguments")) {
      var given = like == null ? null : like.path("task_arguments_values").path(place);
      if (!isFixed(parameter)) {
        fields.add(
            RunField.of(
                parameter,
                given != null && given.isString() && !isFile(parameter) ? given.asString() : null,
                words));
      }
      place++;
    }
    return new RunForm(fields, "", "", "", null, List.of(), Map.of());
  }

  /** The form as it was sent. */
  static RunForm sent(JsonNode task, ApiInput input, Words words) {
    var fields = new ArrayList<RunField>();
    for (var parameter : task.path("task_arguments")) {
      if (!isFixed(parameter)) {
        var name = "a" + parameter.path("order").asInt(0);
        fields.add(RunField.of(parameter, text(input.object().path(name)), words));
      }
    }
    return new RunForm(
        fields,
        input.bodyText("not_before").orElse("").strip(),
        input.bodyText("start_by").orElse("").strip(),
        input.bodyText("priority").orElse("").strip(),
        null,
        List.of(),
        Map.of());
  }

  /** What the API is asked. */
  JsonNode body(ApiInput input) {
    var body = MessageJson.mapper().createObjectNode();
    var arguments = body.putArray("task_arguments");
    for (var field : fields) {
      var argument = arguments.addObject();
      argument.put("order", field.order());
      set(argument, field, input.object().path(field.name()));
    }
    put(body, "not_before", notBefore);
    put(body, "start_by", startBy);
    put(body, "priority", priority);
    if (input.bodyText("hold").isPresent()) {
      body.put("hold", true);
    }
    return body;
  }

  /** The form with what the API says is wrong. */
  RunForm refused(ApiAnswer answer) {
    var marked = new ArrayList<>(fields);
    var rest = new ArrayList<String>();
    var named = new TreeMap<String, String>();
    answer
        .fieldErrors()
        .forEach(
            (pointer, detail) -> {
              var at = place(pointer);
              if (at >= 0 && at < marked.size()) {
                marked.set(at, marked.get(at).wrong(sentence(marked.get(at), detail)));
              } else if (pointer.matches("/(not_before|start_by|priority)")) {
                named.put(pointer.substring(1), capital(detail));
              } else {
                rest.add(capital(detail));
              }
            });
    return new RunForm(marked, notBefore, startBy, priority, capital(answer.detail()), rest, named);
  }

  /** How many fields are marked. */
  public int wrong() {
    return (int) fields.stream().filter(field -> field.error() != null).count() + errors.size();
  }

  private static int place(String pointer) {
    return pointer.matches(ARGUMENT + "\\d{1,4}")
        ? Integer.parseInt(pointer.substring(ARGUMENT.length()))
        : -1;
  }

  /** Beside the field, its name need not be said again. */
  private static String sentence(RunField field, String detail) {
    var name = "'" + field.label() + "' ";
    return capital(detail.startsWith(name) ? detail.substring(name.length()) : detail);
  }

  private static String capital(String text) {
    return text.isEmpty() ? text : Character.toUpperCase(text.charAt(0)) + text.substring(1);
  }

  private static void set(ObjectNode argument, RunField field, JsonNode sent) {
    var file = ApiInput.FilePart.of(sent);
    if (file.isPresent()) {
      var part = file.get();
      if (part.content().length() == 0 && part.filename() == null) {
        argument.putNull("value");
        return;
      }
      var name = part.filename() == null ? "file" : part.filename();
      argument.put(
          "value",
          "data:application/octet-stream;name="
              + URLEncoder.encode(name, StandardCharsets.UTF_8)
              + ";base64,"
              + Base64.getEncoder().encodeToString(part.content().toArray()));
    } else if (field.isMultiple()) {
      var chosen = argument.putArray("value");
      if (sent.isArray()) {
        sent.forEach(chosen::add);
      } else if (sent.isString()) {
        chosen.add(sent);
      }
    } else {
      var text = text(sent);
      if (text == null || (text.isEmpty() && (field.isMasked() || !field.isRequired()))) {
        argument.putNull("value");
      } else {
        argument.put("value", text);
      }
    }
  }

  private static void put(ObjectNode body, String name, String value) {
    if (!value.isEmpty()) {
      body.put(name, value);
    }
  }

  private static @Nullable String text(JsonNode sent) {
    return sent.isString() ? sent.asString() : sent.isArray() ? sent.toString() : null;
  }

  private static boolean isFixed(JsonNode parameter) {
    return parameter.path("type").asString("").equals("fixed");
  }

  private static boolean isFile(JsonNode parameter) {
    return parameter.path("type").asString("").equals("file");
  }
}
