package io.capataz.cli.mcp;

import io.capataz.cli.api.Api;
import io.capataz.common.protocol.MessageJson;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Something an assistant can ask for. All of them only read.
 *
 * @param about what it is for, in the words that the assistant sees
 */
record Tool(String name, String about, List<Parameter> parameters, Body body) {

  /** Answers a call. */
  @FunctionalInterface
  interface Body {
    JsonNode answer(Api api, JsonNode arguments);
  }

  /** A text that a call may or must have. */
  record Parameter(String name, String about, boolean required) {}

  Tool {
    parameters = List.copyOf(parameters);
  }

  static Tool of(String name, String about, Body body) {
    return new Tool(name, about, List.of(), body);
  }

  Tool needs(String parameter, String what) {
    return with(new Parameter(parameter, what, true));
  }

  Tool takes(String parameter, String what) {
    return with(new Parameter(parameter, what, false));
  }

  private Tool with(Parameter parameter) {
    return new Tool(
        name, about, Stream.concat(parameters.stream(), Stream.of(parameter)).toList(), body);
  }

  /** Its entry in the list of tools. */
  JsonNode described() {
    ObjectNode tool =
        MessageJson.mapper().createObjectNode().put("name", name).put("description", about);
    ObjectNode schema = tool.putObject("inputSchema").put("type", "object");
    ObjectNode properties = schema.putObject("properties");
    var required = schema.putArray("required");
    for (Parameter parameter : parameters) {
      properties
          .putObject(parameter.name())
          .put("type", "string")
          .put("description", parameter.about());
      if (parameter.required()) {
        required.add(parameter.name());
      }
    }
    schema.put("additionalProperties", false);
    tool.putObject("annotations")
        .put("readOnlyHint", true)
        .put("destructiveHint", false)
        .put("openWorldHint", false);
    return tool;
  }

  /** What is wrong with the arguments of a call; empty: nothing. */
  String wrong(JsonNode arguments) {
    for (Parameter parameter : parameters) {
      if (parameter.required() && arguments.path(parameter.name()).asString("").isBlank()) {
        return "The tool %s needs '%s': %s.".formatted(name, parameter.name(), parameter.about());
      }
    }
    return arguments
        .propertyStream()
        .map(Map.Entry::getKey)
        .filter(given -> parameters.stream().noneMatch(it -> it.name().equals(given)))
        .findFirst()
        .map(given -> "The tool %s does not take '%s'.".formatted(name, given))
        .orElse("");
  }
}
