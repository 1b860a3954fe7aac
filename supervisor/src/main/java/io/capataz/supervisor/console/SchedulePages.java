package io.capataz.supervisor.console;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;

/** Asks the API for what the pages of schedules show. */
@Component
class SchedulePages {

  private static final int HOURS = 24;
  private static final int HEIGHT = 52;
  private static final int NEXT = 50;
  private static final int SOON = 12;
  private static final int LATEST = 20;

  private final ConsoleApi api;
  private final Words words;
  private final InstantSource clock;

  SchedulePages(ConsoleApi api, Words words, InstantSource clock) {
    this.api = api;
    this.words = words;
    this.clock = clock;
  }

  /**
   * The list.
   *
   * @param missed what should have been started within the last day and was not
   */
  record ScheduleList(List<ScheduleRow> rows, Plan plan, List<Start> missed) {}

  /**
   * What the next 24 hours start.
   *
   * @param label says in words what is seen
   */
  record Plan(int count, List<Bar> bars, List<Moment> marks, List<Start> soon, String label) {}

  /** The starts of an hour. */
  record Bar(String x, int y, int height) {}

  /** A start that is to come, or that was missed. */
  record Start(String schedule, String name, @Nullable Moment at, String reason) {}

  /**
   * A schedule in a list.
   *
   * @param href the page of what it starts
   * @param next null: none, or it is paused
   */
  record ScheduleRow(
      String id,
      String name,
      String target,
      String href,
      String when,
      StripView strip,
      @Nullable Moment next,
      @Nullable Pause pause) {}

  /** Why nothing starts. */
  record Pause(String by, @Nullable Moment since, @Nullable Moment until, String note) {}

  /**
   * One schedule.
   *
   * @param next its next instants
   * @param recent what came of the last ones, newest first
   */
  record SchedulePage(
      ScheduleRow row, Policy policy, List<Instants> next, List<Tick> recent, int missed) {}

  /** What happens when it cannot be as it should. */
  record Policy(String overlap, String missed, String horizon, String changedBy) {}

  /** An instant that is to come. */
  record Instants(Moment at, boolean isSkipped) {}

  /**
   * What came of an instant.
   *
   * @param href the job or run that was started; null: none was
   */
  record Tick(Badge badge, @Nullable Moment at, @Nullable String href, String reason) {}

  ScheduleList list(String organization) {
    var rows = new ArrayList<ScheduleRow>();
    api.get("/" + organization + "/schedule").body().forEach(it -> rows.add(row(it)));
    return new ScheduleList(
        rows, plan(starts(organization, "plan"), clock.instant()), starts(organization, "missed"));
  }

  SchedulePage one(String organization, String id) {
    var schedule = api.get("/" + organization + "/schedule/" + id).body();
    var skips = new HashSet<String>();
    schedule.path("skips").forEach(it -> skips.add(it.asString("")));
    var next = new ArrayList<Instants>();
    api.get("/" + organization + "/schedule/" + id + "/next?count=" + NEXT)
        .body()
        .forEach(
            it ->
                Optional.ofNullable(words.moment(it))
                    .ifPresent(at -> next.add(new Instants(at, skips.contains(it.asString(""))))));
    var recent = new ArrayList<Tick>();
    schedule.path("recent").forEach(it -> recent.add(tick(schedule, it)));
    return new SchedulePage(
        row(schedule),
        new Policy(
            schedule.path("overlap").asString("skip"),
            schedule.path("missed").asString("once"),
            words.seconds(schedule.path("horizon").asLong(0)),
            words.person(schedule.path("updated_by").asString(""))),
        next,
        recent.reversed().stream().limit(LATEST).toList(),
        (int) recent.stream().filter(it -> it.badge().state().equals("expired")).count());
  }

  private ScheduleRow row(JsonNode schedule) {
    var target = schedule.path("target_name").asString("");
    var states = new ArrayList<String>();
    schedule.path("recent").forEach(it -> states.add(state(it.path("came").asString(""))));
    var data = schedule.path("data");
    return new ScheduleRow(
        schedule.path("id").asString(""),
        schedule.path("description").asString(target),
        target,
        data.hasNonNull("task_id")
            ? "/console/tasks/" + data.path("task_id").asString()
            : "/console/workflows/" + data.path("workflow_id").asString(""),
        when(schedule),
        StripView.of(states),
        words.moment(schedule.path("nextRunAt")),
        pause(schedule.path("pause")));
  }

  private @Nullable Pause pause(JsonNode pause) {
    return pause.isObject()
        ? new Pause(
            words.person(pause.path("by").asString("")),
            words.moment(pause.path("since")),
            words.moment(pause.path("until")),
            pause.path("note").asString(""))
        : null;
  }

  private String when(JsonNode schedule) {
    if (schedule.hasNonNull("cron")) {
      return schedule.path("cron").asString() + " " + schedule.path("zone").asString("UTC");
    }
    if (schedule.hasNonNull("every")) {
      return words.say("schedules.every", words.seconds(schedule.path("every").asLong()));
    }
    var at = words.moment(schedule.path("at"));
    return at == null ? "" : at.exact();
  }

  private Tick tick(JsonNode schedule, JsonNode tick) {
    var came = tick.path("came").asString("");
    var job = tick.path("job_id").asString("");
    var workflow = schedule.path("data").path("workflow_id").asString("");
    var href =
        job.isEmpty()
            ? null
            : workflow.isEmpty()
                ? "/console/jobs/" + job
                : "/console/workflows/" + workflow + "/runs/" + job;
    return new Tick(
        new Badge(state(came), words.say("schedules.came." + came), null),
        words.moment(tick.path("at")),
        href,
        tick.path("reason").asString(""));
  }

  /** The state whose look an instant has. */
  private static String state(String came) {
    return switch (came) {
      case "started" -> "succeeded";
      case "failed" -> "failed";
      case "missed" -> "expired";
      default -> "canceled";
    };
  }

  private List<Start> starts(String organization, String which) {
    var starts = new ArrayList<Start>();
    api.get("/" + organization + "/schedule/" + which)
        .body()
        .forEach(
            start ->
                starts.add(
                    new Start(
                        start.path("schedule_id").asString(""),
                        start.path("target_name").asString(""),
                        words.moment(start.path("at")),
                        start.path("reason").asString(""))));
    return starts;
  }

  private Plan plan(List<Start> starts, Instant now) {
    var hours = new int[HOURS];
    for (var start : starts) {
      if (start.at() != null) {
        var hour = Duration.between(now, Instant.parse(start.at().iso())).toHours();
        hours[Math.clamp(hour, 0, HOURS - 1)]++;
      }
    }
    var most = Math.max(1, IntStream.of(hours).max().orElse(1));
    var bars =
        IntStream.range(0, HOURS)
            .filter(hour -> hours[hour] > 0)
            .mapToObj(hour -> bar(hour, Math.max(3, hours[hour] * HEIGHT / most)))
            .toList();
    var marks =
        IntStream.rangeClosed(0, HOURS / 4)
            .mapToObj(place -> words.moment(now.plus(Duration.ofHours(4L * place))))
            .toList();
    return new Plan(
        starts.size(),
        bars,
        marks,
        starts.stream().limit(SOON).toList(),
        words.say("schedules.plan.label", starts.size(), most));
  }

  private static Bar bar(int hour, int height) {
    var x = String.format(Locale.ROOT, "%.2f%%", hour * 100.0 / HOURS + 0.35);
    return new Bar(x, HEIGHT - height, height);
  }
}
