package io.capataz.supervisor.console;

import io.capataz.common.protocol.MessageJson;
import io.capataz.supervisor.console.GraphDrawing.Look;
import io.capataz.supervisor.console.WorkflowPages.RunRow;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;

/** Asks the API for what the page of a run shows. */
@Component
class RunPages {

  private static final int MOST_STEPS = 500;

  /** Which of several states a step is shown in: the first that one of its jobs is in. */
  private static final List<String> FIRST =
      List.of("held", "running", "silent", "assigned", "failed", "ready", "scheduled", "expired");

  private final ConsoleApi api;
  private final Words words;
  private final WorkflowPages workflows;
  private final GraphDrawing drawing;
  private final InstantSource clock;

  RunPages(
      ConsoleApi api,
      Words words,
      WorkflowPages workflows,
      GraphDrawing drawing,
      InstantSource clock) {
    this.api = api;
    this.words = words;
    this.workflows = workflows;
    this.drawing = drawing;
    this.clock = clock;
  }

  /**
   * One run.
   *
   * @param version of the workflow; it is another than the one that is drawn if that was changed
   * @param graph null: it has too many steps to be drawn, or the workflow is gone
   * @param canRetry whether it has ended otherwise than well
   */
  record RunPage(
      RunRow row,
      int version,
      boolean isOtherVersion,
      @Nullable RunGraph graph,
      List<StepRow> steps,
      List<Waiting> waiting,
      boolean canRetry) {}

  /**
   * A step that has begun; its bars in percent of the time of the run.
   *
   * @param href its job or run; null: it has none
   * @param reason why no job could be made
   */
  record StepRow(
      String step,
      String name,
      Badge badge,
      @Nullable String href,
      int attempt,
      Span waited,
      Span ran,
      String took,
      String reason) {}

  /** A part of the time of a run. */
  record Span(String x, String width) {}

  /** A job that the run waits for, and why. */
  record Waiting(String step, String jobId, String message) {}

  RunPage one(String organization, String workflow, String id) {
    var path = "/" + organization + "/workflows/" + workflow + "/job/" + id;
    var run = api.get(path).body();
    var jobs = new HashMap<String, JsonNode>();
    api.get(path + "/jobs").body().forEach(job -> jobs.put(job.path("id").asString(""), job));
    var timeline = new ArrayList<JsonNode>();
    api.get(path + "/timeline").body().forEach(timeline::add);
    var steps = steps(run, timeline, jobs);
    var asked = api.send("GET", "/" + organization + "/workflows/" + workflow, null);
    var drawn = asked.isSuccess() ? asked.body() : MessageJson.mapper().missingNode();
    var row = workflows.run(run);
    var version = run.path("workflow_version").asInt(0);
    return new RunPage(
        row,
        version,
        drawn.path("version").asInt(version) != version,
        drawn.has("graph") ? graph(drawn.path("graph"), timeline, steps) : null,
        steps,
        row.isEnded() ? List.of() : waiting(path),
        row.isEnded() && !row.badge().state().equals("succeeded"));
  }

  private List<Waiting> waiting(String path) {
    var waiting = new ArrayList<Waiting>();
    api.get(path + "/why")
        .body()
        .forEach(
            job -> {
              if (job.path("why").isObject()) {
                waiting.add(
                    new Waiting(
                        job.path("step").asString(""),
                        job.path("job_id").asString(""),
                        job.path("why").path("message").asString("")));
              }
            });
    return waiting;
  }

  private List<StepRow> steps(JsonNode run, List<JsonNode> timeline, Map<String, JsonNode> jobs) {
    var begin = Instant.parse(run.path("creation_date").asString(""));
    var end =
        run.path("ended").isString()
            ? Instant.parse(run.path("ended").asString())
            : clock.instant();
    var whole = Math.max(1, Duration.between(begin, end).toMillis());
    return timeline.stream()
        .limit(MOST_STEPS)
        .map(unit -> step(unit, jobs.get(unit.path("job_id").asString("")), begin, whole))
        .toList();
  }

  private StepRow step(JsonNode unit, @Nullable JsonNode job, Instant begin, long whole) {
    var created = time(unit.path("created"), begin);
    var ended = time(unit.path("ended"), begin.plusMillis(whole));
    var started = time(unit.path("started"), ended);
    var item = unit.hasNonNull("item") ? " " + (unit.path("item").asInt() + 1) : "";
    return new StepRow(
        unit.path("step").asString(""),
        unit.path("step").asString("") + item,
        job == null ? workflows.badge(unit.path("state").asString("")) : words.badgeOf(job),
        href(unit),
        unit.path("attempt").asInt(0),
        span(begin, created, started, whole),
        span(begin, started, ended, whole),
        words.between(unit.path("started"), unit.path("ended")),
        unit.path("reason").asString(""));
  }

  private static @Nullable String href(JsonNode unit) {
    return unit.hasNonNull("job_id") ? "/console/jobs/" + unit.path("job_id").asString() : null;
  }

  private static Instant time(JsonNode instant, Instant otherwise) {
    return instant.isString() ? Instant.parse(instant.asString()) : otherwise;
  }

  private static Span span(Instant begin, Instant from, Instant to, long whole) {
    var x = Duration.between(begin, from).toMillis() * 100.0 / whole;
    var width = Duration.between(from, to).toMillis() * 100.0 / whole;
    return new Span(percent(Math.clamp(x, 0, 99.5)), percent(Math.clamp(width, 0, 100)));
  }

  private static String percent(double share) {
    return String.format(Locale.ROOT, "%.2f%%", share);
  }

  private @Nullable RunGraph graph(JsonNode graph, List<JsonNode> timeline, List<StepRow> steps) {
    var groups = new LinkedHashMap<String, List<StepRow>>();
    var ends = new HashSet<String>();
    for (var place = 0; place < steps.size(); place++) {
      var step = steps.get(place);
      var unit = timeline.get(place);
      var group = groups.computeIfAbsent(step.step(), _ -> new ArrayList<>());
      if (!unit.hasNonNull("item") || unit.path("item").asInt() == 0) {
        group.clear(); // Another visit, or the same once more: the last one is shown.
      }
      group.add(step);
      ends.add(step.step() + " " + unit.path("event").asString(""));
    }
    var looks = new HashMap<String, Look>();
    groups.forEach((step, group) -> looks.put(step, look(group)));
    return drawing.draw(graph, looks, ends);
  }

  private Look look(List<StepRow> group) {
    var shown =
        FIRST.stream()
            .flatMap(state -> group.stream().filter(it -> it.badge().state().equals(state)))
            .findFirst()
            .orElse(group.getLast());
    var badge = shown.badge();
    var detail =
        group.size() > 1
            ? words.say("workflows.items", group.size(), badge.word())
            : shown.took().isEmpty() ? badge.word() : shown.took();
    var word = badge.detail() == null ? badge.word() : badge.word() + ", " + badge.detail();
    return new Look(badge.state(), word, detail, group.size() > 1 ? "#steps" : shown.href(), true);
  }
}
