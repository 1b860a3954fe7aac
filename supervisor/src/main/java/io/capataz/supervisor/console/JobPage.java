package io.capataz.supervisor.console;

import io.capataz.common.protocol.MessageJson;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * One job.
 *
 * @param row as in a list
 * @param life where its life stands
 * @param history newest first
 * @param why null: it does not wait
 * @param progress null: its script has reported none
 * @param result null: it returned nothing
 */
record JobPage(
    JobRow row,
    Life life,
    About about,
    List<Step> history,
    List<Attempt> attempts,
    List<ArgumentRow> arguments,
    @Nullable Waiting why,
    @Nullable Progress progress,
    @Nullable Result result) {

  /**
   * Where its life stands.
   *
   * @param isStopping it runs, and somebody has cancelled it
   * @param isHeld it can be released
   */
  record Life(
      String status,
      boolean isEnded,
      boolean isWaiting,
      boolean isStopping,
      boolean isHeld,
      @Nullable Moment stopAsked) {}

  /** What is known of it besides. */
  record About(
      String taskId,
      int version,
      int attempt,
      int maxAttempts,
      String timeout,
      String grace,
      int priority,
      Output output,
      @Nullable String containment,
      @Nullable String runAs,
      @Nullable Long pid) {}

  /**
   * How much it wrote.
   *
   * @param leftOut what was not kept; null: all of it was
   */
  record Output(String stdout, String stderr, @Nullable String leftOut) {}

  /** A move. */
  record Step(String state, String word, String by, @Nullable Moment at) {}

  /** An attempt that has ended. */
  record Attempt(int number, Badge badge, String took, @Nullable Moment ended) {}

  /** Why it waits. */
  record Waiting(
      String rule,
      String message,
      String freedBy,
      @Nullable Moment until,
      List<String> occupants) {}

  /** How far it has come. */
  record Progress(@Nullable Integer percent, String message) {}

  /**
   * What it returned.
   *
   * @param json indented
   * @param columns of the rows; empty: it is no list of objects
   */
  record Result(String json, List<String> columns, List<List<String>> rows) {}

  private static final int MOST_ROWS = 200;
  private static final int MOST_COLUMNS = 12;

  /**
   * @param task as it is now; missing if it is gone
   */
  static JobPage of(JsonNode job, JsonNode progress, JsonNode task, Words words) {
    return new JobPage(
        JobRow.of(job, words),
        life(job, words),
        about(job, words),
        history(job, words),
        attempts(job, words),
        ArgumentRow.of(job, task),
        why(job.path("why"), words),
        progress(progress),
        result(job.path("result")));
  }

  public String id() {
    return row.id();
  }

  private static Life life(JsonNode job, Words words) {
    var status = job.path("status").asString("");
    var isEnded = job.path("ended").isString() || job.path("reported").isString();
    return new Life(
        status,
        isEnded,
        List.of("held", "scheduled", "ready").contains(status),
        !isEnded && job.hasNonNull("stop_asked"),
        status.equals("held"),
        words.moment(job.path("stop_asked")));
  }

  private static About about(JsonNode job, Words words) {
    return new About(
        job.path("task_id").asString(""),
        job.path("task_version").asInt(0),
        job.path("attempt").asInt(0),
        job.path("max_attempts").asInt(1),
        words.seconds(job.path("timeout").asLong(0)),
        words.seconds(job.path("grace").asLong(0)),
        job.path("priority").asInt(0),
        output(job, words),
        job.path("containment").asString(null),
        job.path("script_runas").asString(null),
        job.hasNonNull("pid") ? job.path("pid").asLong() : null);
  }

  private static Output output(JsonNode job, Words words) {
    var leftOut = job.path("left_out").asLong(0);
    return new Output(
        words.bytes(job.path("stdout_bytes").asLong(0)),
        words.bytes(job.path("stderr_bytes").asLong(0)),
        leftOut > 0 ? words.bytes(leftOut) : null);
  }

  private static List<Step> history(JsonNode job, Words words) {
    var steps = new ArrayList<Step>();
    job.path("history")
        .forEach(
            step ->
                steps.add(
                    new Step(
                        step.path("state").asString("ready"),
                        words.say("move." + step.path("move").asString("")),
                        words.actor(step.path("by").asString("")),
                        words.moment(step.path("at")))));
    steps.add(
        0,
        new Step(
            "ready",
            words.say("move.created"),
            JobRow.by(job, words),
            words.moment(job.path("creation_date"))));
    return steps.reversed();
  }

  private static List<Attempt> attempts(JsonNode job, Words words) {
    var attempts = new ArrayList<Attempt>();
    job.path("attempts")
        .forEach(
            past ->
                attempts.add(
                    new Attempt(
                        past.path("attempt").asInt(0),
                        words.badgeOfAttempt(past),
                        words.between(past.path("started"), past.path("ended")),
                        words.moment(past.path("ended")))));
    return attempts.reversed();
  }

  private static @Nullable Waiting why(JsonNode why, Words words) {
    if (!why.isObject()) {
      return null;
    }
    var occupants = new ArrayList<String>();
    why.path("occupants").forEach(id -> occupants.add(id.asString("")));
    return new Waiting(
        why.path("rule").asString(""),
        why.path("message").asString(""),
        why.path("freed_by").asString(""),
        words.moment(why.path("until")),
        occupants);
  }

  private static @Nullable Progress progress(JsonNode progress) {
    return progress.hasNonNull("percent") || progress.hasNonNull("message")
        ? new Progress(
            progress.hasNonNull("percent") ? progress.path("percent").asInt() : null,
            progress.path("message").asString(""))
        : null;
  }

  private static @Nullable Result result(JsonNode result) {
    if (result.isMissingNode() || result.isNull()) {
      return null;
    }
    var json = MessageJson.mapper().writerWithDefaultPrettyPrinter().writeValueAsString(result);
    var columns = new LinkedHashSet<String>();
    if (result instanceof ArrayNode list && !list.isEmpty()) {
      for (var item : list) {
        if (!(item instanceof ObjectNode object)) {
          return new Result(json, List.of(), List.of());
        }
        columns.addAll(object.propertyNames());
      }
    }
    return columns.size() > MOST_COLUMNS
        ? new Result(json, List.of(), List.of())
        : new Result(json, List.copyOf(columns), rows(result, List.copyOf(columns)));
  }

  private static List<List<String>> rows(JsonNode result, List<String> columns) {
    var rows = new ArrayList<List<String>>();
    if (!columns.isEmpty()) {
      for (var item : result) {
        if (rows.size() < MOST_ROWS) {
          rows.add(columns.stream().map(column -> text(item.path(column))).toList());
        }
      }
    }
    return rows;
  }

  private static String text(JsonNode value) {
    return value.isMissingNode() || value.isNull()
        ? ""
        : value.isString() ? value.asString() : value.toString();
  }
}
