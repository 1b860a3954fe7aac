package io.capataz.supervisor.library;

import io.capataz.supervisor.library.ApiTask.Called;
import io.capataz.supervisor.library.ApiTask.Definition;
import io.capataz.supervisor.library.ApiTask.Endpoint;
import io.capataz.supervisor.library.ApiTask.Exposure;
import io.capataz.supervisor.library.ApiTask.Kind;
import io.capataz.supervisor.library.ApiTask.SourceControl;
import io.capataz.supervisor.script.Script;
import io.capataz.supervisor.web.ApiProblem;
import io.capataz.supervisor.web.FieldReader;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * A request to register a version of an API task; the names of its fields are those of seed 000.
 *
 * @param source the whole script
 * @param pool the id or name of the pool whose hosts run it; null: not said
 * @param host the id or name of the host that runs it; null: not said
 */
record Registration(
    String library,
    String name,
    String source,
    Definition definition,
    Exposure exposure,
    @Nullable String pool,
    @Nullable String host) {

  private static final Pattern LIBRARY = Pattern.compile("[A-Za-z_][A-Za-z0-9_]{0,99}");
  private static final Pattern NAME = LIBRARY;
  private static final Pattern CALLED = Pattern.compile("(%1$s)\\.(%1$s)".formatted(LIBRARY));
  private static final List<String> TASK_TYPES = List.of("generic", "UI", "operational");
  private static final int MOST_ENDPOINTS = 100;
  private static final int MOST_CALLS = 100;

  /** One place among the arguments of the script is for the format of the result. */
  private static final int MOST_PARAMETERS = 99;

  private static final int LONGEST_DEFAULT = 10_000;

  /** The maximum length of all texts of a definition: all versions are stored as one document. */
  private static final int LONGEST_DEFINITION = 64 * 1024;

  /**
   * Reads a request.
   *
   * @throws ApiProblem 400, naming each field that is wrong
   */
  static Registration read(FieldReader fields) {
    fields.ignoring("customer", "access_token");
    var library = named(fields, "libraryName", LIBRARY);
    var name = named(fields, "name", NAME);
    var source = fields.requiredText("source", Script.MAX_BYTES);
    var definition = definition(fields);
    var exposure =
        new Exposure(
            sourceControl(fields),
            fields.truth("apiAccess").orElse(false),
            fields.truth("deployable").orElse(false),
            taskType(fields));
    var pool = fields.text("pool", 100).orElse(null);
    var host = fields.text("host_id", 254).orElse(null);
    if (pool != null && host != null) {
      fields.wrong("pool", "conflict", "must not be sent together with host_id.");
    }
    fields.done();
    return new Registration(library, name, source, definition, exposure, pool, host);
  }

  private static String named(FieldReader fields, String field, Pattern form) {
    var name = fields.requiredText(field, 100);
    if (!name.isEmpty() && !form.matcher(name).matches()) {
      fields.wrong(
          field,
          "invalid_name",
          "must be a Python name: letters, digits and '_', not a digit first, no spaces.");
    }
    return name;
  }

  private static SourceControl sourceControl(FieldReader fields) {
    var word = fields.text("sourceControl", 20).orElse(SourceControl.NO_ACCESS.word());
    var known =
        Arrays.stream(SourceControl.values()).filter(it -> it.word().equals(word)).findFirst();
    if (known.isEmpty()) {
      fields.wrong("sourceControl", "unknown_word", "must be view, edit or noAccess.");
    }
    return known.orElse(SourceControl.NO_ACCESS);
  }

  private static String taskType(FieldReader fields) {
    var word = fields.text("taskType", 20).orElse(TASK_TYPES.getFirst());
    if (!TASK_TYPES.contains(word)) {
      fields.wrong(
          "taskType", "unknown_word", "must be one of " + String.join(", ", TASK_TYPES) + ".");
    }
    return word;
  }

  private static Definition definition(FieldReader fields) {
    var kind = kind(fields);
    var description = fields.textOrNothing("description", 10_000).orElse(null);
    var tags = fields.names("tags", 50, 100).orElse(List.of());
    var endpoints = new ArrayList<Endpoint>();
    fields.objects("endpoints", MOST_ENDPOINTS, each -> endpoints.add(endpoint(each)));
    if (endpoints.stream().noneMatch(endpoint -> endpoint.name().equals(Endpoint.USUAL))) {
      fields.wrong("endpoints", "required", "must contain an endpoint named run.");
    } else if (kind == Kind.FUNCTION && endpoints.size() > 1) {
      fields.wrong("endpoints", "conflict", "must contain run alone: a function is one endpoint.");
    } else if (endpoints.stream().map(Endpoint::name).distinct().count() < endpoints.size()) {
      fields.wrong("endpoints", "given_twice", "must have different names.");
    }
    if (endpoints.toString().length() > LONGEST_DEFINITION) {
      fields.wrong(
          "endpoints",
          "too_long",
          "must have at most " + LONGEST_DEFINITION + " characters: shorten help and defaults.");
    }
    return new Definition(kind, endpoints, description, tags, calls(fields));
  }

  private static List<Called> calls(FieldReader fields) {
    var names = fields.names("calls", MOST_CALLS, 201).orElse(List.of());
    var calls = new ArrayList<Called>();
    for (var i = 0; i < names.size(); i++) {
      var form = CALLED.matcher(names.get(i));
      if (form.matches()) {
        calls.add(new Called(form.group(1), form.group(2)));
      } else {
        fields.wrong(
            "calls/" + i,
            "wrong_form",
            "must be the library and the name of a task: Library.name.");
      }
    }
    return calls;
  }

  private static Kind kind(FieldReader fields) {
    return switch (fields.text("kind", 20).orElse("function")) {
      case "function" -> Kind.FUNCTION;
      case "class" -> Kind.CLASS;
      default -> {
        fields.wrong("kind", "unknown_word", "must be function or class.");
        yield Kind.FUNCTION;
      }
    };
  }

  private static Endpoint endpoint(FieldReader fields) {
    var name = named(fields, "name", NAME);
    var help = fields.textOrNothing("help", 10_000).orElse(null);
    var parameters = new ArrayList<FunctionParameter>();
    fields.objects("parameters", MOST_PARAMETERS, each -> parameters.add(parameter(each)));
    if (parameters.stream().map(FunctionParameter::name).distinct().count() < parameters.size()) {
      fields.wrong("parameters", "given_twice", "must have different names.");
    }
    return new Endpoint(name, help, parameters);
  }

  private static FunctionParameter parameter(FieldReader fields) {
    var name = named(fields, "name", NAME);
    var type = type(fields);
    var annotation = fields.textOrNothing("annotation", 100).orElse(null);
    var required = fields.truth("required").orElse(true);
    var byDefault = fields.any("default");
    var parameter = new FunctionParameter(name, type, annotation, required, text(byDefault));
    byDefault
        .filter(
            value ->
                required || !parameter.takes(value) || value.toString().length() > LONGEST_DEFAULT)
        .ifPresent(
            _ ->
                fields.wrong(
                    "default",
                    "wrong_type",
                    "must be of the type %s, of at most %d characters, and of a parameter that is not required."
                        .formatted(type.word(), LONGEST_DEFAULT)));
    return parameter;
  }

  private static FunctionParameter.Type type(FieldReader fields) {
    var word = fields.requiredText("type", 20);
    var type = FunctionParameter.Type.named(word);
    if (type.isEmpty() && !word.isEmpty()) {
      var words =
          Arrays.stream(FunctionParameter.Type.values())
              .map(FunctionParameter.Type::word)
              .collect(Collectors.joining(", "));
      fields.wrong("type", "unknown_type", "must be one of " + words + ".");
    }
    return type.orElse(FunctionParameter.Type.JSON);
  }

  private static @Nullable String text(Optional<JsonNode> value) {
    return value.map(JsonNode::toString).orElse(null);
  }
}
