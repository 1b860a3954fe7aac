package io.capataz.supervisor.library;

import io.capataz.common.protocol.MessageJson;
import io.capataz.supervisor.library.ApiTask.Endpoint;
import io.capataz.supervisor.library.ApiTask.Kind;
import io.capataz.supervisor.library.ApiTask.Version;
import io.capataz.supervisor.parameter.Arguments;
import io.capataz.supervisor.web.ApiProblem;
import io.capataz.supervisor.web.ApiProblem.FieldError;
import io.capataz.supervisor.web.FieldReader;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A call of an API task; the names of its fields are those of seed 000.
 *
 * @param version empty: the one that is chosen
 * @param arguments by the names of the parameters
 * @param deploy whether the response does not wait for the end
 */
record Call(
    Optional<VersionNumber> version,
    ObjectNode arguments,
    ResultFormat format,
    boolean deploy,
    String endpoint) {

  /**
   * Reads a call.
   *
   * @throws ApiProblem 400, naming each field that is wrong
   */
  static Call read(FieldReader fields) {
    fields.ignoring("customer", "access_token");
    var version = version(fields);
    var arguments = fields.any("arguments");
    if (arguments.filter(value -> !value.isObject()).isPresent()) {
      fields.wrong(
          "arguments",
          "wrong_type",
          "must be an object with the values of the parameters by name.");
    }
    resourceType(fields);
    var format = format(fields);
    var deploy = fields.truth("isDeploy").orElse(false);
    var endpoint = fields.textOrNothing("endpoint", 100).orElse(Endpoint.USUAL);
    fields.done();
    var given =
        arguments
            .map(ObjectNode.class::cast)
            .orElseGet(() -> MessageJson.mapper().createObjectNode());
    return new Call(version, given, format, deploy, endpoint);
  }

  private static Optional<VersionNumber> version(FieldReader fields) {
    var sent = fields.any("version").filter(value -> !value.asString("").isEmpty());
    var version = sent.flatMap(VersionNumber::of);
    if (sent.isPresent() && version.isEmpty()) {
      fields.wrong("version", "wrong_form", "must be a version such as 0.1, a number or a text.");
    }
    return version;
  }

  private static void resourceType(FieldReader fields) {
    fields
        .textOrNothing("resourceType", 20)
        .filter(type -> !type.equals("task"))
        .ifPresent(
            type ->
                fields.wrong(
                    "resourceType",
                    type.equals("flow") ? "not_supported" : "unknown_type",
                    "must be task. Flows cannot be run by this route yet."));
  }

  /** The real clients of seed 000's system call it {@code returnType}. */
  private static ResultFormat format(FieldReader fields) {
    var format = format(fields, "outputFormat");
    var same = format(fields, "returnType");
    if (format.isPresent() && same.isPresent() && !format.equals(same)) {
      fields.wrong("returnType", "conflict", "must not differ from outputFormat.");
    }
    return format.or(() -> same).orElse(ResultFormat.JSON);
  }

  private static Optional<ResultFormat> format(FieldReader fields, String name) {
    var word = fields.textOrNothing(name, 20);
    var format = word.flatMap(ResultFormat::named);
    if (word.isPresent() && format.isEmpty()) {
      fields.wrong(name, "unknown_word", "must be json or arrow.");
    }
    return format;
  }

  /**
   * The arguments of the script; see the package's {@code worker.py}.
   *
   * @throws ApiProblem 404 if there is no such endpoint; 400, naming each argument that is wrong
   */
  List<String> scriptArguments(ApiTask task, Version version) {
    var definition = version.definition();
    var called =
        definition
            .endpoint(endpoint)
            .orElseThrow(
                () ->
                    ApiProblem.notFound(
                        "unknown_endpoint",
                        "Version %s of the task %s has no endpoint `%s`. Its endpoints: %s."
                            .formatted(
                                version.versionNumber(),
                                task.name(),
                                endpoint,
                                definition.endpoints().stream()
                                    .map(Endpoint::name)
                                    .collect(Collectors.joining(", ")))));
    var texts = new ArrayList<>(checked(called));
    if (definition.kind() == Kind.CLASS) {
      texts.clear();
      texts.add(endpoint);
      texts.add(MessageJson.mapper().writeValueAsString(arguments));
    }
    texts.add(format.word());
    checkLength(texts);
    return texts;
  }

  private List<String> checked(Endpoint called) {
    var errors = new ArrayList<FieldError>();
    var texts = new ArrayList<String>();
    for (var parameter : called.parameters()) {
      var value = arguments.get(parameter.name());
      if (value == null || isLeftOut(parameter, value)) {
        if (parameter.required()) {
          errors.add(error(parameter.name(), "required", "is required."));
        }
        texts.add(parameter.argumentByDefault());
      } else if (parameter.takes(value)) {
        texts.add(parameter.argument(value));
      } else {
        errors.add(
            error(
                parameter.name(),
                "wrong_type",
                "must be of the type "
                    + parameter.type().word()
                    + ", "
                    + shown(value)
                    + " is not."));
      }
    }
    var names = called.parameters().stream().map(FunctionParameter::name).toList();
    for (var name : arguments.propertyNames()) {
      if (!names.contains(name)) {
        errors.add(
            error(
                name,
                "unknown_argument",
                "is no parameter of " + called.name() + ". It has: " + listed(names) + "."));
      }
    }
    if (!errors.isEmpty()) {
      throw ApiProblem.invalid(errors);
    }
    return texts;
  }

  /** Null is a value for JSON only; for a parameter that is not required it means none. */
  private static boolean isLeftOut(FunctionParameter parameter, JsonNode value) {
    return value.isNull()
        && !parameter.required()
        && parameter.type() != FunctionParameter.Type.JSON;
  }

  private static String listed(List<String> names) {
    return names.isEmpty() ? "none" : String.join(", ", names);
  }

  private static String shown(JsonNode value) {
    return value.isContainer()
        ? "an " + (value.isArray() ? "array" : "object")
        : value.isString() ? "a text" : value.isNumber() ? "that number" : "`" + value + "`";
  }

  private static FieldError error(String name, String code, String detail) {
    var escaped = name.replace("~", "~0").replace("/", "~1");
    return new FieldError("/arguments/" + escaped, code, detail);
  }

  /** They become arguments of a process, of which Linux limits the length. */
  private static void checkLength(List<String> texts) {
    if (texts.stream().anyMatch(text -> Arguments.bytes(text) > Arguments.MAX_BYTES)) {
      throw ApiProblem.invalid(
          List.of(
              new FieldError(
                  "/arguments",
                  "too_long",
                  "must have values of at most "
                      + Arguments.MAX_BYTES
                      + " bytes. Pass the address of a file instead.")));
    }
    if (texts.stream().mapToLong(Arguments::bytes).sum() > Arguments.MAX_BYTES_TOGETHER) {
      throw ApiProblem.invalid(
          List.of(
              new FieldError(
                  "/arguments",
                  "too_long",
                  "must have at most " + Arguments.MAX_BYTES_TOGETHER + " bytes in total.")));
    }
  }
}
