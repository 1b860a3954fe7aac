package io.capataz.supervisor.library;

import io.capataz.common.protocol.MessageJson;
import io.capataz.supervisor.library.ApiTask.Endpoint;
import io.capataz.supervisor.library.ApiTask.Kind;
import io.capataz.supervisor.library.ApiTask.Version;
import java.util.List;
import java.util.Objects;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The ordinary task that runs an API task, as the body of {@code POST /task}. Its parameters are
 * those of the function, so that a form, a schedule or a step of a workflow can run it like any
 * other; those of a class are the endpoint and its arguments. The last one is the format of the
 * result.
 */
final class TaskBody {

  /** Tables are what a task prints. */
  private static final int OUTPUT_LIMIT = 512 * 1024 * 1024;

  private static final String DEFAULT = "default";
  private static final String REQUIRED = "required";

  private TaskBody() {}

  /** All fields that a version decides. */
  static ObjectNode of(ApiTask task, Version version) {
    var definition = version.definition();
    var body = MessageJson.mapper().createObjectNode();
    body.put("name", task.name());
    body.put("library", task.library());
    body.put("description", definition.description());
    definition.tags().forEach(body.putArray("tags")::add);
    body.put("script_id", version.script());
    task.calls(version).forEach(body.putArray("calls")::add);
    body.put("output_limit", OUTPUT_LIMIT);
    var arguments = body.putArray("task_arguments");
    if (definition.kind() == Kind.CLASS) {
      choice(
          arguments,
          "endpoint",
          definition.endpoints().stream().map(Endpoint::name).toList(),
          Endpoint.USUAL);
      add(arguments, "json", "arguments").put(REQUIRED, false).putObject(DEFAULT);
    } else {
      definition.endpoint(Endpoint.USUAL).orElseThrow().parameters().stream()
          .forEach(parameter -> add(arguments, parameter));
    }
    choice(arguments, "result format", ResultFormat.words(), ResultFormat.JSON.word());
    return body;
  }

  private static void add(ArrayNode arguments, FunctionParameter parameter) {
    var added = add(arguments, parameter.typeOfTask(), parameter.name());
    added.put(REQUIRED, parameter.required());
    if (parameter.annotation() != null) {
      added.put("help", parameter.annotation());
    }
    if (parameter.byDefault() != null && !Objects.equals(parameter.byDefault(), "\"\"")) {
      added.set(DEFAULT, MessageJson.mapper().readTree(parameter.byDefault()));
    }
  }

  private static void choice(
      ArrayNode arguments, String label, List<String> options, String byDefault) {
    var added = add(arguments, "select", label);
    options.forEach(added.putArray("options")::add);
    added.put(DEFAULT, byDefault).put(REQUIRED, false);
  }

  private static ObjectNode add(ArrayNode arguments, String type, String label) {
    var order = arguments.size();
    return arguments.addObject().put("type", type).put("label", label).put("order", order);
  }
}
