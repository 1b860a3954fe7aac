package io.capataz.supervisor.console;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;

/** Asks the API for what the pages of tasks show. */
@Component
class TaskPages {

  private static final int MOST_TASKS = 1_000;
  private static final int MOST_JOBS = 1_000;
  private static final int LAST_JOBS = 10;
  private static final int LONGEST_SCRIPT = 200_000;

  private final ConsoleApi api;
  private final Words words;

  TaskPages(ConsoleApi api, Words words) {
    this.api = api;
    this.words = words;
  }

  /**
   * One task.
   *
   * @param script null: it runs none, or the reader may not see it
   */
  record TaskPage(
      TaskRow row,
      Settings settings,
      List<ParameterRow> parameters,
      List<JobRow> jobs,
      @Nullable ScriptView script) {}

  /** What holds for each of its jobs. */
  record Settings(
      String type,
      int version,
      String changedBy,
      @Nullable Moment changed,
      String timeout,
      String grace,
      int priority,
      @Nullable Integer maxParallel,
      int maxAttempts,
      @Nullable String runAs,
      List<String> acls,
      Map<String, String> env) {}

  /** A parameter. */
  record ParameterRow(
      String label, String type, String value, boolean isRequired, boolean isMasked) {}

  /** A script. */
  record ScriptView(String filename, String text, int lines) {}

  /** The tasks whose name, description or tag has the text in it. */
  List<TaskRow> list(String organization, String search) {
    var wanted = search.toLowerCase(Locale.ROOT);
    var jobs = new HashMap<String, List<JsonNode>>();
    api.get(
            "/"
                + organization
                + "/job?limit="
                + MOST_JOBS
                + "&fields=id,task_id,status,outcome,creation_date,stop_asked")
        .body()
        .forEach(
            job ->
                jobs.computeIfAbsent(job.path("task_id").asString(""), _ -> new ArrayList<>())
                    .add(job));
    var hosts = hosts(organization);
    var rows = new ArrayList<TaskRow>();
    api.get("/" + organization + "/task?limit=" + MOST_TASKS)
        .body()
        .forEach(
            task -> {
              if (has(task, wanted)) {
                rows.add(
                    TaskRow.of(
                        task,
                        where(task, hosts),
                        jobs.getOrDefault(task.path("id").asString(""), List.of()),
                        words));
              }
            });
    return rows;
  }

  JsonNode task(String organization, String id) {
    return api.get("/" + organization + "/task/" + id).body();
  }

  /** Its newest jobs. */
  List<JobRow> jobs(String organization, String task) {
    var rows = new ArrayList<JobRow>();
    api.get("/" + organization + "/job?limit=" + LAST_JOBS + "&task=" + task)
        .body()
        .forEach(job -> rows.add(JobRow.of(job, words)));
    return rows;
  }

  TaskRow row(String organization, JsonNode task) {
    var jobs = new ArrayList<JsonNode>();
    api.get("/" + organization + "/job?limit=20&task=" + task.path("id").asString(""))
        .body()
        .forEach(jobs::add);
    return TaskRow.of(task, where(task, hosts(organization)), jobs, words);
  }

  TaskPage one(String organization, String id) {
    var task = task(organization, id);
    return new TaskPage(
        row(organization, task),
        settings(task),
        parameters(task),
        jobs(organization, id),
        script(organization, task));
  }

  private Settings settings(JsonNode task) {
    var acls = new ArrayList<String>();
    task.path("acls").forEach(acl -> acls.add(acl.asString("")));
    var env = new TreeMap<String, String>();
    task.path("env").properties().forEach(it -> env.put(it.getKey(), it.getValue().asString("")));
    return new Settings(
        task.path("type").asString(""),
        task.path("version").asInt(1),
        words.actor(task.path("changed_by").asString("")),
        words.moment(task.path("last_update")),
        words.seconds(task.path("timeout").asLong(0)),
        words.seconds(task.path("grace").asLong(0)),
        task.path("priority").asInt(0),
        task.hasNonNull("max_parallel") ? task.path("max_parallel").asInt() : null,
        task.path("max_attempts").asInt(1),
        task.path("run_as").asString(null),
        acls,
        env);
  }

  private static List<ParameterRow> parameters(JsonNode task) {
    var rows = new ArrayList<ParameterRow>();
    task.path("task_arguments")
        .forEach(
            parameter ->
                rows.add(
                    new ParameterRow(
                        parameter.path("label").asString(""),
                        parameter.path("type").asString(""),
                        parameter.hasNonNull("value")
                            ? parameter.path("value").asString("")
                            : parameter.path("default").asString(""),
                        parameter.path("required").asBoolean(false),
                        parameter.path("masked").asBoolean(false))));
    return rows;
  }

  private @Nullable ScriptView script(String organization, JsonNode task) {
    if (!task.hasNonNull("script_id")) {
      return null;
    }
    var path = "/" + organization + "/file/" + task.path("script_id").asString("");
    var about = api.send("GET", path, null);
    var content = api.send("GET", path + "/download", null);
    if (!about.isSuccess() || !content.isSuccess() || content.bytes().length() > LONGEST_SCRIPT) {
      return null;
    }
    var text = content.bytes().asUtf8();
    return new ScriptView(
        about.body().path("filename").asString(""), text, (int) text.lines().count());
  }

  private Map<String, String> hosts(String organization) {
    var names = new HashMap<String, String>();
    var answer = api.send("GET", "/" + organization + "/host?fields=id,name", null);
    if (answer.isSuccess()) {
      answer
          .body()
          .forEach(host -> names.put(host.path("id").asString(""), host.path("name").asString("")));
    }
    return names;
  }

  private String where(JsonNode task, Map<String, String> hosts) {
    if (task.hasNonNull("pool")) {
      return words.say("jobs.pool", task.path("pool").asString());
    }
    var host = task.path("host_id").asString("");
    return hosts.getOrDefault(host, host);
  }

  private static boolean has(JsonNode task, String wanted) {
    return wanted.isEmpty()
        || task.path("name").asString("").toLowerCase(Locale.ROOT).contains(wanted)
        || task.path("description").asString("").toLowerCase(Locale.ROOT).contains(wanted)
        || task.path("tags").toString().toLowerCase(Locale.ROOT).contains(wanted);
  }
}
