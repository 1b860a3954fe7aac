package io.capataz.cli.migrate;

import io.capataz.cli.terminal.Failure;
import io.capataz.common.protocol.MessageJson;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/** Tasks, workflows and schedules for jobs that Rundeck exported as YAML. */
final class RundeckJobs {

  private static final YAMLMapper YAML = YAMLMapper.builder().build();

  private static final Pattern SHELL = Pattern.compile("\\S*\\b(?:sh|bash|dash|ksh|zsh)\\b.*");
  private static final Pattern CONTEXT =
      Pattern.compile("\\$\\{(?:job|node|globals|data)\\.|@(?:job|node|globals)\\.");

  /** What is carried over, said in a note of its own, or means nothing outside of Rundeck. */
  private static final Set<String> KNOWN =
      Set.of(
          "defaultTab",
          "description",
          "executionEnabled",
          "group",
          "id",
          "loglevel",
          "multipleExecutions",
          "name",
          "nodeFilterEditable",
          "nodefilters",
          "nodesSelectedByDefault",
          "options",
          "retry",
          "schedule",
          "scheduleEnabled",
          "sequence",
          "timeZone",
          "timeout",
          "uuid");

  private final Imported imported = new Imported();
  private final Target target;
  private final String zone;

  RundeckJobs(Target target, String zone) {
    this.target = target;
    this.zone = zone;
  }

  Imported read(String text) {
    try (var documents = YAML.readerFor(JsonNode.class).<JsonNode>readValues(text)) {
      while (documents.hasNext()) {
        JsonNode document = documents.next();
        if (document.isArray()) {
          document.valueStream().forEach(this::job);
        } else {
          job(document);
        }
      }
    } catch (JacksonException e) {
      throw Failure.usage("This is not valid YAML: " + e.getOriginalMessage());
    }
    return imported;
  }

  private void job(JsonNode job) {
    String name = job.path("name").asString("");
    List<JsonNode> steps = job.at("/sequence/commands").valueStream().toList();
    if (name.isEmpty() || steps.isEmpty()) {
      imported.note(name.isEmpty() ? "a document" : name, "is no job with steps; left out.");
      return;
    }
    for (int i = 0; i < steps.size(); i++) {
      if (!steps.get(i).hasNonNull("exec") && !steps.get(i).hasNonNull("script")) {
        imported.note(
            name,
            "step %d (%s) has no counterpart; the job is left out."
                .formatted(i + 1, String.join(", ", steps.get(i).propertyNames())));
        return;
      }
    }
    String kind = steps.size() == 1 ? "task" : "workflow";
    String made = imported.unique(name);
    RundeckOptions options = new RundeckOptions(imported, name, job.path("options"));
    if (steps.size() == 1) {
      task(job, made, steps.getFirst(), options);
    } else {
      workflow(job, made, steps, options);
    }
    schedule(job, kind, made);
    left(job, name);
  }

  private void task(JsonNode job, String name, JsonNode step, RundeckOptions options) {
    ObjectNode task = imported.add("task").put("name", name);
    about(job, task);
    target.putInto(task);
    if (!job.path("executionEnabled").asBoolean(true)) {
      task.put("enable", false);
    }
    if (!job.path("multipleExecutions").asBoolean(false)) {
      task.put("multitasking", false);
    }
    timeout(job, task);
    retry(job, task);
    options.putInto(task);
    script(job, task, step, options);
  }

  private static void about(JsonNode job, ObjectNode definition) {
    if (!job.path("description").asString("").isBlank()) {
      definition.put("description", job.path("description").asString("").strip());
    }
    if (job.hasNonNull("group")) {
      definition.putArray("tags").add(job.path("group").asString(""));
    }
  }

  private void timeout(JsonNode job, ObjectNode task) {
    if (job.hasNonNull("timeout")) {
      String text = job.path("timeout").asString("");
      RundeckTimes.seconds(text)
          .ifPresentOrElse(
              seconds -> task.put("timeout", seconds),
              () -> imported.note(place(job), "its timeout '%s' is not a number.".formatted(text)));
    }
  }

  private void retry(JsonNode job, ObjectNode task) {
    JsonNode retry = job.path("retry");
    String times = retry.isObject() ? retry.path("retry").asString("") : retry.asString("");
    RundeckTimes.seconds(times).ifPresent(number -> task.put("max_attempts", number + 1));
    RundeckTimes.seconds(retry.path("delay").asString(""))
        .ifPresent(seconds -> task.put("retry_delay", seconds));
  }

  private void script(JsonNode job, ObjectNode task, JsonNode step, RundeckOptions options) {
    String text = step.path(step.hasNonNull("exec") ? "exec" : "script").asString("");
    String interpreter = step.path("scriptInterpreter").asString("");
    boolean isShell = isShell(step, text, interpreter);
    ObjectNode script = task.putObject("script");
    script.put("filename", isShell ? "script.sh" : "script");
    script.put("content", isShell ? options.shell(text) : text);
    if (!interpreter.isEmpty()) {
      task.set("interpreter", words(interpreter));
    }
    if (!isShell && !options.isEmpty()) {
      imported.note(
          place(job), "its script is not for a shell: it gets its options as arguments, in order.");
    }
    if (CONTEXT.matcher(text).find()) {
      imported.note(place(job), "its script uses variables of job or node, which do not exist.");
    }
    for (String field : List.of("args", "errorhandler", "plugins")) {
      if (step.hasNonNull(field)) {
        imported.note(place(job), field + " of a step is not carried over.");
      }
    }
  }

  private static boolean isShell(JsonNode step, String text, String interpreter) {
    if (step.hasNonNull("exec")) {
      return true;
    }
    String runs = text.startsWith("#!") ? text.lines().findFirst().orElse("") : "sh";
    return SHELL.matcher(interpreter.isEmpty() ? runs : interpreter).matches();
  }

  private static ArrayNode words(String interpreter) {
    ArrayNode words = MessageJson.mapper().createArrayNode();
    List.of(interpreter.strip().split("\\s+", -1)).forEach(words::add);
    return words;
  }

  private void workflow(JsonNode job, String name, List<JsonNode> steps, RundeckOptions options) {
    List<String> tasks = new ArrayList<>();
    for (JsonNode step : steps) {
      tasks.add(imported.unique(name + "-" + (tasks.size() + 1)));
      task(job, tasks.getLast(), step, options);
    }
    ObjectNode workflow = imported.add("workflow").put("name", name);
    about(job, workflow);
    options.putInto(workflow);
    ObjectNode graph = workflow.putObject("graph");
    ArrayNode nodes = graph.putArray("nodes");
    ArrayNode edges = graph.putArray("edges");
    for (int i = 0; i < tasks.size(); i++) {
      ObjectNode value = nodes.addObject().put("v", tasks.get(i)).putObject("value");
      value.put("task", tasks.get(i));
      options.passTo(value);
      if (job.at("/sequence/keepgoing").asBoolean(false)) {
        value.put("continue_on_error", true);
      }
      if (i > 0) {
        edges.addObject().put("v", tasks.get(i - 1)).put("w", tasks.get(i)).put("value", "success");
      }
    }
  }

  private void schedule(JsonNode job, String kind, String name) {
    JsonNode schedule = job.path("schedule");
    if (schedule.isMissingNode() || schedule.isNull()) {
      return;
    }
    Optional<String> cron = RundeckTimes.cron(schedule);
    if (cron.isEmpty() || !job.path("scheduleEnabled").asBoolean(true)) {
      imported.note(name, "its schedule is disabled, or for certain years; left out.");
      return;
    }
    imported
        .add("schedule")
        .put(kind, name)
        .put("description", "from Rundeck")
        .put("cron", cron.get())
        .put("zone", job.path("timeZone").asString(zone));
  }

  private void left(JsonNode job, String name) {
    if (job.hasNonNull("nodefilters")) {
      imported.note(
          name,
          "its node filter '%s' is not carried over: it runs on %s. For many hosts, see fleet runs."
              .formatted(job.at("/nodefilters/filter").asString(""), target));
    }
    job.propertyNames().stream()
        .filter(field -> !KNOWN.contains(field))
        .forEach(field -> imported.note(name, field + " is not carried over."));
  }

  private static String place(JsonNode job) {
    return job.path("name").asString("");
  }
}
