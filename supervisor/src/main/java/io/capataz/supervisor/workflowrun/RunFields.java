package io.capataz.supervisor.workflowrun;

import io.capataz.supervisor.parameter.Parameter;
import io.capataz.supervisor.web.ApiInput;
import io.capataz.supervisor.web.FieldReader;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.NullNode;
import tools.jackson.databind.node.ObjectNode;

/** Reads what a run of a workflow is given. */
final class RunFields {

  private static final String ARGUMENTS = "task_arguments";

  private RunFields() {}

  /**
   * What was asked.
   *
   * @param given the values, by position
   * @param waits whether the answer leads to the result
   */
  record Asked(List<JsonNode> given, boolean waits) {}

  /**
   * Reads a run: a bare list, {@code task_arguments} as a list or by the names of the parameters,
   * or nothing.
   *
   * @throws io.capataz.supervisor.web.ApiProblem 400, naming what is wrong
   */
  static Asked read(List<Parameter> parameters, ApiInput input) {
    var inQuery = input.queryTruth("wait_result");
    if (input.body() instanceof ArrayNode list) {
      return new Asked(list.valueStream().toList(), inQuery);
    }
    var body = input.object();
    var fields = FieldReader.of(body).ignoring("task", "customer", "access_token", "empty_viewers");
    var waits = waits(fields);
    var sent = fields.any(ARGUMENTS).orElse(NullNode.getInstance());
    var given =
        switch (sent) {
          case ArrayNode list -> list.valueStream().toList();
          case ObjectNode named -> byName(parameters, named, fields);
          default -> single(sent, input, fields);
        };
    fields.done();
    return new Asked(given, waits || inQuery);
  }

  private static boolean waits(FieldReader fields) {
    var said = fields.any("wait_result");
    if (said.isEmpty()) {
      return false;
    }
    var text = said.get().asString("");
    if (!said.get().isBoolean() && !text.equals("true") && !text.equals("false")) {
      fields.wrong("wait_result", "wrong_type", "must be true or false.");
    }
    return said.get().isBoolean() ? said.get().booleanValue() : text.equals("true");
  }

  private static List<JsonNode> byName(
      List<Parameter> parameters, ObjectNode named, FieldReader fields) {
    var open =
        parameters.stream()
            .filter(parameter -> parameter.kind() != Parameter.Kind.FIXED)
            .map(Parameter::label)
            .toList();
    named.propertyNames().stream()
        .filter(name -> !open.contains(name))
        .forEach(
            name ->
                fields.wrong(
                    ARGUMENTS + "/" + name,
                    "not_found",
                    "must be the name of a parameter: " + String.join(", ", open) + "."));
    return open.stream()
        .<JsonNode>map(label -> named.has(label) ? named.get(label) : NullNode.getInstance())
        .toList();
  }

  /** A form with one value, or values in the query. */
  private static List<JsonNode> single(JsonNode sent, ApiInput input, FieldReader fields) {
    if (sent.isString()) {
      return List.of(sent);
    }
    if (!sent.isNull()) {
      fields.wrong(ARGUMENTS, "wrong_type", "must be a list of values, or an object of names.");
    }
    var given = new ArrayList<JsonNode>();
    for (var name : List.of(ARGUMENTS, ARGUMENTS + "[]")) {
      input
          .query()
          .getOrDefault(name, List.of())
          .forEach(text -> given.add(JsonNodeFactory.instance.stringNode(text)));
    }
    return given;
  }
}
