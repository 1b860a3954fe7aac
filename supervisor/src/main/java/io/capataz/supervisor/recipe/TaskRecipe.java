package io.capataz.supervisor.recipe;

import io.capataz.supervisor.task.ActionKind;
import io.capataz.supervisor.web.ApiProblem;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * One task of a recipe, in whatever generation it came, in the words of our own API.
 *
 * <p>Three are about: an object with {@code task} and {@code file}, whose content is bare base64;
 * the task itself with its {@code script} inside, whose content is a data URL; and a workflow that
 * holds tasks of that second form. All say the timeout in milliseconds.
 *
 * @param body what {@code POST /{customer}/task} takes, but for where the task runs. Its {@code
 *     kept} holds what the original says of task and file and means nothing here yet
 * @param hostname the name of the host that the recipe was taken from, if it says so
 * @param unknown pointers to fields that neither the original nor we know, or that do nothing here
 *     and would there
 * @param origins where in the recipe the fields of the body come from: pointers, by the names that
 *     the fields have here
 */
record TaskRecipe(
    ObjectNode body, Optional<String> hostname, List<String> unknown, Map<String, String> origins) {

  TaskRecipe {
    unknown = List.copyOf(unknown);
    origins = Map.copyOf(origins);
  }

  /** Fields with the same name and meaning here. */
  static final Set<String> SAME =
      Set.of("name", "description", "tags", "grace_time", "multitasking", "enable", "env");

  /** Our own fields, unknown to the original; recipes exported here contain them. */
  static final Set<String> OURS =
      Set.of(
          "priority",
          "max_parallel",
          "concurrency_key",
          "concurrency_limit",
          "max_attempts",
          "on_lost",
          "retry_delay",
          "grace",
          "kill_signal",
          "kill_mode",
          "output_limit",
          "memory_limit",
          "process_limit",
          "masked_env",
          "keep_jobs",
          "keep_days",
          "interpreter",
          "library");

  /** Where, when and by whom: specific to the exporting system. */
  static final Set<String> OF_ITS_PLACE =
      Set.of(
          "id",
          "_id",
          "type",
          "_type",
          "calls",
          "changed_by",
          "creation_date",
          "credentials",
          "last_update",
          "customer",
          "customer_id",
          "customer_name",
          "execution_count",
          "fingerprint",
          "host",
          "host_id",
          "hostname",
          "hosts",
          "pool",
          "schedules",
          "script",
          "script_id",
          "script_name",
          "secret",
          "source_model_id",
          "template",
          "template_id",
          "triggers",
          "version",
          "workflow",
          "workflow_id",
          "task_version");

  /** Of these, the ones that would start or place the task there and are left out here. */
  static final Set<String> LEFT_OUT =
      Set.of("calls", "credentials", "hosts", "schedules", "triggers");

  /** Fields of the original's tasks that we only store. */
  static final Set<String> KEPT =
      Set.of(
          "agent_logging",
          "allows_dynamic_settings",
          "arguments_type",
          "assigned_users",
          "autoremove_completed_jobs",
          "autoremove_completed_jobs_limit",
          "cancellable",
          "default_state_evaluation",
          "empty_viewers",
          "icon_color",
          "icon_image",
          "logger",
          "logging",
          "notify",
          "order",
          "output_parameters",
          "public",
          "register_body",
          "script_arguments",
          "script_path",
          "short_description",
          "show_result",
          "stack_scheduled_executions",
          "user_inputs",
          "user_inputs_members");

  private static final Set<String> PARAMETER =
      Set.of(
          "charset",
          "charsmax",
          "charsmin",
          "default",
          "endpoint_url",
          "help",
          "id",
          "id_attribute",
          "label",
          "masked",
          "max",
          "min",
          "multiple",
          "options",
          "order",
          "pattern",
          "readonly",
          "required",
          "text_attribute",
          "type",
          "value",
          "version");

  private static final Set<String> OF_A_FILES_PLACE =
      Set.of(
          "id",
          "_id",
          "_type",
          "acl",
          "creation_date",
          "customer",
          "customer_id",
          "customer_name",
          "extension",
          "keyname",
          "last_update",
          "md5",
          "size",
          "source_model_id",
          "template",
          "template_id");

  private static final Set<String> KEPT_OF_A_FILE =
      Set.of("content_schema", "description", "enable", "mimetype", "order", "public", "tags");

  private static final String ARGUMENTS = "task_arguments";
  private static final String OLD_ARGUMENTS = "script_arguments";

  private static final Pattern SECONDS =
      Pattern.compile("must be a whole number from (\\d+) to (\\d+)\\.");

  /** The key for the stored fields of the file among those of the task. */
  static final String FILE = "file";

  /**
   * Reads a recipe of the first or second format.
   *
   * @param at where it stands in what was sent, as a JSON pointer
   * @throws ApiProblem 400 if it is none, or of a kind of task that is not run here
   */
  static TaskRecipe read(ObjectNode sent, String at) {
    var first = sent.get("task") instanceof ObjectNode task ? task : null;
    var task = first == null ? sent : first;
    var taskAt = first == null ? at : at + "/task";
    var kind = kindOf(task);
    if (kind.isEmpty()) {
      throw wrong(
          taskAt + "/type", "required", "is required: a recipe must state its kind of task.");
    }
    var known =
        ActionKind.ofType(kind.get())
            .orElseThrow(
                () ->
                    wrong(
                        taskAt + "/type",
                        "not_run_here",
                        "must be a kind of task that is run here, not '" + kind.get() + "'."));
    if (known != ActionKind.SCRIPT) {
      return KindRecipe.read(task, taskAt, known);
    }
    var unknown = new ArrayList<String>();
    var body = JsonNodeFactory.instance.objectNode();
    var kept = JsonNodeFactory.instance.objectNode();
    var origins = new HashMap<String, String>();
    var arguments = arguments(task);
    for (var field : task.properties()) {
      var name = field.getKey();
      if (name.equals(ARGUMENTS) && !name.equals(arguments)) {
        continue; // Empty: the oldest form is used instead.
      }
      var value = field.getValue();
      var pointer = taskAt + "/" + escaped(name);
      if (SAME.contains(name) || OURS.contains(name)) {
        if (!isNothing(value)) {
          body.set(name, value);
          origins.put(name, pointer);
        }
      } else if (name.equals(arguments)) {
        body.set(ARGUMENTS, parameters(fixed(value, name), pointer, unknown));
        origins.put(ARGUMENTS, pointer);
      } else if (name.equals("acl") || name.equals("acls")) {
        body.set("acls", value);
        origins.put("acls", pointer);
      } else if (name.equals("timeout")) {
        timeout(value, body, kept);
        origins.put(name, pointer);
      } else if (name.equals("script_runas") || name.equals("run_as")) {
        runAs(value).ifPresent(template -> body.put("run_as", template));
        origins.put("run_as", pointer);
      } else if (KEPT.contains(name)) {
        kept.set(name, value);
        if (name.equals("arguments_type") && value.asString("").equals("json")) {
          unknown.add(pointer); // Strings are passed as sent, not as JSON.
        } else if (name.equals(OLD_ARGUMENTS) && says(value)) {
          unknown.add(pointer); // The newer form is there too, and only one can be used.
        }
      } else if (!OF_ITS_PLACE.contains(name) || (LEFT_OUT.contains(name) && says(value))) {
        unknown.add(pointer);
      }
    }
    var file = first == null ? task.get("script") : sent.get("file");
    var fileAt = first == null ? at + "/script" : at + "/file";
    if (first != null) {
      for (var name : sent.propertyNames()) {
        if (!Set.of("task", "file", "hostname", "host_id", "pool").contains(name)) {
          unknown.add(at + "/" + escaped(name));
        }
      }
    }
    if (!(file instanceof ObjectNode content)) {
      throw wrong(fileAt, "required", "is required: a recipe must contain its script.");
    }
    var keptOfFile = JsonNodeFactory.instance.objectNode();
    body.set("script", file(content, fileAt, keptOfFile, unknown));
    kept.set(FILE, keptOfFile);
    body.set("kept", kept);
    origins.put("script", fileAt);
    return new TaskRecipe(body, hostname(task), unknown, origins);
  }

  /**
   * The same refusal in the words of the recipe: with its pointers, and times in milliseconds.
   *
   * @param refusal what is wrong with the {@link #body}
   */
  ApiProblem inItsWords(ApiProblem refusal) {
    return refusal.errors().isEmpty()
        ? refusal
        : ApiProblem.invalid(refusal.errors().stream().map(this::inItsWords).toList());
  }

  private ApiProblem.FieldError inItsWords(ApiProblem.FieldError error) {
    var end = error.pointer().indexOf('/', 1);
    var field = error.pointer().substring(1, end < 0 ? error.pointer().length() : end);
    var origin = origins.get(field);
    if (origin == null) {
      return error;
    }
    var rest = end < 0 ? "" : error.pointer().substring(end);
    if (field.equals("script") && rest.equals("/content")) {
      rest = "/data";
    }
    var seconds = SECONDS.matcher(error.detail());
    return new ApiProblem.FieldError(
        origin + rest,
        error.code(),
        field.equals("timeout") && seconds.matches()
            ? "must be a whole number of milliseconds from %s000 to %s000."
                .formatted(seconds.group(1), seconds.group(2))
            : error.detail());
  }

  /** The name of the field with the parameters; the oldest recipes call it differently. */
  private static String arguments(ObjectNode task) {
    return says(task.get(OLD_ARGUMENTS)) && !says(task.get(ARGUMENTS)) ? OLD_ARGUMENTS : ARGUMENTS;
  }

  /** The oldest recipes may give the values alone. */
  private static JsonNode fixed(JsonNode sent, String name) {
    if (!name.equals(OLD_ARGUMENTS) || !(sent instanceof ArrayNode array)) {
      return sent;
    }
    var parameters = JsonNodeFactory.instance.arrayNode();
    for (var item : array) {
      if (item.isString()) {
        parameters.addObject().put("type", "fixed").set("value", item);
      } else {
        parameters.add(item);
      }
    }
    return parameters;
  }

  /** Whether a field has a value that means something. */
  static boolean says(@Nullable JsonNode value) {
    return value != null && !isNothing(value) && !(value.isContainer() && value.isEmpty());
  }

  /**
   * The parameters without empty fields: the original writes every field of every parameter, and
   * gives some the same position.
   */
  static JsonNode parameters(JsonNode sent, String at, List<String> unknown) {
    if (!(sent instanceof ArrayNode array)) {
      return sent;
    }
    var parameters = JsonNodeFactory.instance.arrayNode();
    var places = new HashSet<Integer>();
    for (var item : array) {
      if (item instanceof ObjectNode parameter) {
        var said = JsonNodeFactory.instance.objectNode();
        for (var field : parameter.properties()) {
          var value = field.getValue();
          if (!PARAMETER.contains(field.getKey())) {
            unknown.add(at + "/" + parameters.size() + "/" + escaped(field.getKey()));
          } else if (field.getKey().equals("value")
              ? !value.isNull()
              : !isNothing(value) && !(value.isArray() && value.isEmpty())) {
            said.set(field.getKey(), value);
          }
        }
        parameters.add(said);
        places.add(parameter.path("order").asInt(-1));
      } else {
        parameters.add(item);
        places.add(-1 - parameters.size());
      }
    }
    if (places.size() < parameters.size()) {
      for (var i = 0; i < parameters.size(); i++) {
        if (parameters.get(i) instanceof ObjectNode parameter) {
          parameter.put("order", i);
        }
      }
    }
    return parameters;
  }

  /** The kind of task stated in its recipe; empty if missing. */
  static Optional<String> kindOf(ObjectNode task) {
    var type = task.get("type");
    if (type != null && type.isString() && !type.stringValue().isEmpty()) {
      return Optional.of(type.stringValue());
    }
    var className = task.get("_type");
    return className != null && className.isString() && className.stringValue().endsWith("Task")
        ? Optional.of(
            className
                .stringValue()
                .substring(0, className.stringValue().length() - "Task".length())
                .toLowerCase(Locale.ROOT))
        : Optional.empty();
  }

  private static Optional<String> hostname(ObjectNode task) {
    var host = task.get("host");
    var name = host instanceof ObjectNode object ? object.get("hostname") : task.get("hostname");
    return Optional.ofNullable(name).filter(JsonNode::isString).map(JsonNode::stringValue);
  }

  /**
   * Converts milliseconds to seconds; a value that is not a whole number of seconds is also stored.
   */
  static void timeout(JsonNode value, ObjectNode body, ObjectNode kept) {
    if (!value.isIntegralNumber() || !value.canConvertToLong()) {
      body.set("timeout", value); // Not a time; reported with the other mistakes.
      return;
    }
    var milliseconds = value.longValue();
    if (milliseconds > 0) {
      body.put("timeout", Math.ceilDiv(milliseconds, 1000));
    }
    if (milliseconds % 1000 != 0) {
      kept.put("timeout", milliseconds);
    }
  }

  /** Without a placeholder the script is appended, as in the original. */
  private static Optional<String> runAs(JsonNode value) {
    if (!value.isString() || value.stringValue().isBlank()) {
      return Optional.empty();
    }
    var template = value.stringValue().strip();
    return Optional.of(template.contains("%script%") ? template : template + " %script%");
  }

  private static ObjectNode file(
      ObjectNode file, String at, ObjectNode kept, List<String> unknown) {
    var script = JsonNodeFactory.instance.objectNode();
    for (var field : file.properties()) {
      var name = field.getKey();
      var value = field.getValue();
      if (name.equals("data")) {
        script.put("data", dataUrl(value, at + "/data"));
      } else if (name.equals("filename")) {
        script.set("filename", value);
      } else if (KEPT_OF_A_FILE.contains(name)) {
        kept.set(name, value);
      } else if (!OF_A_FILES_PLACE.contains(name)) {
        unknown.add(at + "/" + escaped(name));
      }
    }
    if (!script.has("data")) {
      throw wrong(at + "/data", "required", "is required: a recipe must contain its script.");
    }
    return script;
  }

  private static String dataUrl(JsonNode value, String at) {
    if (!value.isString()) {
      throw wrong(at, "wrong_type", "must be base64 or a data URL.");
    }
    var text = value.stringValue();
    if (text.startsWith("data:")) {
      return text;
    }
    try {
      Base64.getMimeDecoder().decode(text);
    } catch (IllegalArgumentException notBase64) {
      throw wrong(at, "wrong_form", "must be base64 or a data URL.");
    }
    return "data:application/octet-stream;base64," + text.replaceAll("\\s", "");
  }

  static boolean isNothing(JsonNode value) {
    return value.isNull() || (value.isString() && value.stringValue().isEmpty());
  }

  static String escaped(String name) {
    return name.replace("~", "~0").replace("/", "~1");
  }

  static ApiProblem wrong(String pointer, String code, String detail) {
    return ApiProblem.invalid(List.of(new ApiProblem.FieldError(pointer, code, detail)));
  }
}
