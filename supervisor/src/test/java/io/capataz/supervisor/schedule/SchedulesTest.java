package io.capataz.supervisor.schedule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.capataz.common.protocol.Outcome;
import io.capataz.supervisor.TestAgent;
import io.capataz.supervisor.TestClock;
import io.capataz.supervisor.TestSupervisor;
import io.capataz.supervisor.TestSupervisor.Answer;
import io.capataz.supervisor.TestWork;
import io.capataz.supervisor.access.Role;
import io.capataz.supervisor.access.TestTokens;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** Tasks and workflows start at certain times. */
class SchedulesTest {

  private static final TestClock clock = new TestClock();
  private static final TestSupervisor supervisor = TestSupervisor.withClock(clock);

  private static final String MINUTE = "0 * * * * *";

  private final TestWork work = new TestWork(supervisor);
  private final TestAgent agent = TestAgent.enrolled(supervisor);
  private final String task =
      work.taskOn(
          agent,
          Map.of(
              "task_arguments",
              List.of(Map.of("type", "input", "label", "who", "required", false))));

  /** So that a minute and a second that pass hold one instant of a schedule of minutes, not two. */
  @BeforeEach
  void early_in_a_minute() {
    var second = clock.instant().atZone(ZoneOffset.UTC).getSecond();
    if (second > 10) {
      clock.jump(Duration.ofSeconds(61 - second));
    }
  }

  @AfterAll
  static void stop() {
    supervisor.close();
  }

  private static Answer ok(Answer answer) {
    assertThat(answer.status()).describedAs(answer.raw().body()).isEqualTo(200);
    return answer;
  }

  private String schedule(Map<String, ?> more) {
    var body = new HashMap<String, Object>(more);
    if (!more.containsKey("at") && !more.containsKey("every")) {
      body.putIfAbsent("cron", MINUTE);
    }
    var made = ok(supervisor.post("/task/" + task + "/schedule", body));
    return "/schedule/" + made.text("/id");
  }

  private static Answer shown(String schedule) {
    return ok(supervisor.get(schedule));
  }

  private static List<String> came(String schedule) {
    return shown(schedule)
        .body()
        .at("/recent")
        .valueStream()
        .map(tick -> tick.path("came").asString())
        .toList();
  }

  /** Lets a time pass, and waits until the schedule has gone on. */
  private static void pass(String schedule, Duration time) {
    clock.jump(time);
    await()
        .until(
            () -> {
              var next = shown(schedule).text("/nextRunAt");
              return next.isEmpty() || Instant.parse(next).isAfter(clock.instant());
            });
  }

  private List<JsonNode> jobs() {
    return ok(supervisor.get("/acme/job?task=" + task + "&sort=creation_date"))
        .body()
        .valueStream()
        .toList();
  }

  @Test
  void a_task_starts_with_its_arguments_and_once_for_each_instant() {
    var schedule = schedule(Map.of("task_arguments", List.of("ann")));

    pass(schedule, Duration.ofSeconds(61));

    var job = jobs().getFirst();
    assertThat(job.path("origin").asString()).isEqualTo("schedule");
    assertThat(job.at("/task_arguments_values/0").asString()).isEqualTo("ann");
    var tick = shown(schedule).body().at("/recent/0");
    assertThat(tick.path("came").asString()).isEqualTo("started");
    assertThat(tick.path("job_id").asString()).isEqualTo(job.path("id").asString());
    assertThat(shown(schedule).text("/lastRunAt")).isEqualTo(tick.path("at").asString());
    assertThat(jobs()).hasSize(came(schedule).size());
  }

  @Test
  void an_instant_is_passed_over_while_an_earlier_start_has_not_ended() {
    var schedule = schedule(Map.of());

    pass(schedule, Duration.ofSeconds(61));
    pass(schedule, Duration.ofSeconds(60));

    assertThat(came(schedule)).startsWith("started", "skipped");
    assertThat(shown(schedule).text("/recent/1/reason"))
        .contains(jobs().getFirst().path("id").asString());
    var order = agent.claimHeard(jobs().getFirst().path("id").asString());
    agent.started(order);
    agent.end(order, new Outcome.Succeeded());
    pass(schedule, Duration.ofSeconds(60));
    assertThat(came(schedule)).contains("started", "skipped").endsWith("started");
  }

  @Test
  void or_is_started_all_the_same_or_in_its_place() {
    var queue = schedule(Map.of("overlap", "queue"));
    pass(queue, Duration.ofSeconds(61));
    pass(queue, Duration.ofSeconds(60));
    assertThat(came(queue)).containsOnly("started");
    assertThat(jobs()).hasSizeGreaterThan(1);
    ok(supervisor.ask("DELETE", queue, null));

    var cancel = schedule(Map.of("overlap", "cancel"));
    pass(cancel, Duration.ofSeconds(61));
    var open =
        jobs().stream().filter(job -> !job.path("status").asString().equals("canceled")).toList();
    assertThat(open).hasSize(1);
    assertThat(open.getFirst().path("id").asString())
        .isEqualTo(
            shown(cancel)
                .body()
                .at("/recent")
                .valueStream()
                .toList()
                .getLast()
                .path("job_id")
                .asString());
  }

  @ParameterizedTest
  @CsvSource({
    "skip, 3600, 10, 0",
    "once, 3600, 10, 1",
    "once, 60, 10, 0",
    "all, 3600, 3, 3",
    "all, 3600, 10, 5"
  })
  void what_was_missed(String missed, int horizon, int limit, int started) {
    var schedule =
        schedule(
            Map.of(
                "every",
                600,
                "at",
                clock.instant().plusSeconds(100).toString(),
                "missed",
                missed,
                "horizon",
                horizon,
                "missed_limit",
                limit,
                "overlap",
                "queue"));

    // 100, 700, 1300, 1900 and 2500 seconds from the start are late by more than a minute.
    pass(schedule, Duration.ofSeconds(2_600));

    assertThat(came(schedule)).hasSize(5);
    assertThat(came(schedule).stream().filter("started"::equals)).hasSize(started);
    assertThat(came(schedule).subList(0, 5 - started)).allMatch("missed"::equals);
    var told = ok(supervisor.get("/schedule/missed"));
    assertThat(told.body().valueStream().filter(it -> it.path("target_id").asString().equals(task)))
        .hasSize(5 - started);
  }

  @Test
  void a_pause_and_its_end() {
    var schedule = schedule(Map.of("overlap", "queue"));
    var until = clock.instant().plusSeconds(200);
    var paused =
        ok(
            supervisor.put(
                schedule + "/pause", Map.of("until", until.toString(), "note", "release")));
    assertThat(paused.text("/disabled")).isEqualTo("true");
    assertThat(paused.text("/pause/note")).isEqualTo("release");
    assertThat(paused.body().has("nextRunAt")).isFalse();

    clock.jump(Duration.ofSeconds(100));
    assertThat(jobs()).isEmpty();
    clock.jump(Duration.ofSeconds(161));
    await().until(() -> !came(schedule).isEmpty());

    assertThat(Instant.parse(shown(schedule).text("/recent/0/at"))).isAfterOrEqualTo(until);
    assertThat(shown(schedule).text("/disabled")).isEqualTo("false");

    ok(supervisor.put(schedule + "/pause", Map.of()));
    var resumed = ok(supervisor.put(schedule + "/resume"));
    assertThat(Instant.parse(resumed.text("/nextRunAt"))).isAfter(clock.instant());
  }

  @Test
  void one_instant_is_passed_over() {
    var schedule = schedule(Map.of("overlap", "queue"));
    var next = ok(supervisor.get(schedule + "/next?count=3")).body();
    assertThat(next).hasSize(3);

    ok(supervisor.put(schedule + "/skip", Map.of("at", next.get(0).asString())));

    var plan = ok(supervisor.get("/schedule/plan?until=" + next.get(1).asString()));
    assertThat(
            plan.body()
                .valueStream()
                .filter(it -> schedule.endsWith(it.path("schedule_id").asString()))
                .map(it -> it.path("came").asString("")))
        .containsExactly("skipped", "");
    assertThat(supervisor.put(schedule + "/skip", Map.of("at", "2999-01-01T00:00:01Z")).status())
        .isEqualTo(400);
    pass(schedule, Duration.ofSeconds(121));
    assertThat(came(schedule)).startsWith("skipped", "started");
  }

  @Test
  void its_cursor_moves_back_and_what_was_started_is_not_started_again() {
    var from = clock.instant();
    var schedule = schedule(Map.of("overlap", "queue", "missed", "all"));
    pass(schedule, Duration.ofSeconds(61));
    var before = jobs().size();

    ok(supervisor.put(schedule + "/cursor", Map.of("to", from.minusSeconds(300).toString())));
    await().until(() -> jobs().size() > before);
    pass(schedule, Duration.ZERO);

    var ids = jobs().stream().map(job -> job.path("id").asString()).toList();
    assertThat(ids).doesNotHaveDuplicates();
    var started =
        shown(schedule)
            .body()
            .at("/recent")
            .valueStream()
            .map(tick -> tick.path("job_id").asString())
            .distinct();
    assertThat(started).containsExactlyInAnyOrderElementsOf(ids);
  }

  @Test
  void one_date_starts_once_and_that_is_it() {
    var schedule = schedule(Map.of("at", clock.instant().plusSeconds(30).toString()));

    pass(schedule, Duration.ofSeconds(31));

    assertThat(came(schedule)).containsExactly("started");
    assertThat(shown(schedule).body().has("nextRunAt")).isFalse();
  }

  @Test
  void a_workflow_starts_too() {
    var workflow =
        ok(supervisor.post(
                "/acme/workflows",
                Map.of(
                    "name",
                    "w",
                    "graph",
                    Map.of(
                        "nodes",
                        List.of(Map.of("v", "a", "value", Map.of("task_id", task))),
                        "edges",
                        List.of()))))
            .text("/id");
    var made =
        ok(
            supervisor.post(
                "/workflows/" + workflow + "/schedule",
                Map.of("cron", MINUTE, "task_arguments", List.of("x"))));
    var schedule = "/schedule/" + made.text("/id");
    assertThat(made.text("/data/workflow_id")).isEqualTo(workflow);

    pass(schedule, Duration.ofSeconds(61));

    var runs = ok(supervisor.get("/workflows/" + workflow + "/job"));
    assertThat(runs.text("/0/origin")).isEqualTo("schedule");
    assertThat(runs.text("/0/id")).isEqualTo(shown(schedule).text("/recent/0/job_id"));
    assertThat(jobs().getFirst().at("/task_arguments_values/0").asString()).isEqualTo("x");
    ok(supervisor.ask("DELETE", schedule, null));
  }

  @Test
  void what_cannot_be_started_is_told_and_tried_at_the_next_instant() {
    var schedule = schedule(Map.of());
    ok(supervisor.ask("PATCH", "/task/" + task, Map.of("enable", false)));

    pass(schedule, Duration.ofSeconds(61));
    assertThat(came(schedule)).startsWith("failed");
    assertThat(shown(schedule).text("/recent/0/reason")).contains("disabled");

    ok(supervisor.ask("PATCH", "/task/" + task, Map.of("enable", true)));
    pass(schedule, Duration.ofSeconds(60));
    assertThat(came(schedule)).endsWith("started");
  }

  @Test
  void it_goes_with_what_it_starts() {
    var schedule = schedule(Map.of());
    ok(supervisor.ask("DELETE", "/task/" + task, null));
    assertThat(supervisor.get(schedule).status()).isEqualTo(404);

    clock.jump(Duration.ofSeconds(61));
    var id = schedule.substring("/schedule/".length());
    var all = supervisor.context().getBean(Schedules.class);
    await().until(() -> all.find("acme", id).isEmpty());
  }

  @Test
  void a_change_keeps_what_came_of_its_instants() {
    var schedule = schedule(Map.of("description", "first"));
    pass(schedule, Duration.ofSeconds(61));

    var changed =
        ok(supervisor.put(schedule, Map.of("cron", "0 0 1 1 *", "zone", "Europe/Madrid")));

    assertThat(changed.text("/version")).isEqualTo("2");
    assertThat(changed.body().has("description")).isFalse();
    assertThat(changed.text("/nextRunAt")).endsWith("-12-31T23:00:00Z");
    assertThat(came(schedule)).startsWith("started");
  }

  @Test
  void rows_and_routes_of_seed_004s_system() {
    var path = "/acme/task/" + task + "/schedule";
    var made =
        ok(
            supervisor.post(
                path,
                Map.of(
                    "runDate",
                    "2999-02-03 10:11",
                    "repeatEvery",
                    "0 6 * * *",
                    "timezone",
                    "America/Bogota")));
    var id = made.text("/_id");
    assertThat(made.text("/name")).isEqualTo("task");
    assertThat(made.text("/data/task_id")).isEqualTo(task);
    assertThat(made.text("/data/scheduleData/repeatEvery")).isEqualTo("0 6 * * *");
    assertThat(made.text("/nextRunAt")).isEqualTo("2999-02-03T15:11:00Z");
    assertThat(made.text("/repeatTimezone")).isEqualTo("America/Bogota");
    assertThat(ok(supervisor.get(path)).text("/0/_id")).isEqualTo(id);
    assertThat(ok(supervisor.put("/acme/scheduler/" + id + "/stop")).raw().body())
        .isEqualTo("\"ok\"");
    assertThat(shown("/schedule/" + id).text("/disabled")).isEqualTo("true");
    assertThat(ok(supervisor.put("/scheduler/" + id + "/start")).raw().body()).isEqualTo("\"ok\"");
    assertThat(ok(supervisor.ask("DELETE", "/scheduler/" + id, null)).raw().body())
        .isEqualTo("{\"numRemoved\":1}");
    var unknown = supervisor.put("/scheduler/" + id + "/stop");
    assertThat(unknown.status()).isEqualTo(404);
    var old = Map.of("scheduleData", Map.of("repeatEvery", "*/5 * * * *"));
    assertThat(ok(supervisor.post(path, old)).text("/repeatInterval")).isEqualTo("*/5 * * * *");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{} | Invalid request. runDate or repeatEvery needed.",
        "{\"runDate\": \"in 5 minutes\"} | runDate. Invalid date",
        "{\"runDate\": \"1770113472000\"} | runDate. Invalid date",
        "{\"runDate\": 1770113472000} | runDate. Invalid date",
        "{\"repeatEvery\": \"5 minutes\"} | Invalid cron expression. 5 fields format supported",
        "{\"repeatEvery\": \"99 * * * *\"} | Invalid expression.",
        "{\"repeatEvery\": \"* * * * *\", \"timezone\": \"Mars/Olympus\"} | Invalid timezone.",
        "{\"cron\": \"0 0 31 2 *\"} | would never start anything",
        "{\"cron\": \"* * * * *\", \"every\": 60} | must be left out if cron is sent",
        "{\"cron\": \"* * * * *\", \"overlap\": \"maybe\"} | must be skip, queue, cancel",
        "{\"cron\": \"* * * * *\", \"surprise\": 1} | Unknown field",
        "{\"cron\": \"* * * * *\", \"task_arguments\": [1, 2, 3]} | argument"
      })
  void what_is_refused(String body, String message) {
    var refused =
        supervisor.ask(
            "POST",
            "/task/" + task + "/schedule",
            io.capataz.common.protocol.MessageJson.mapper().readTree(body));

    assertThat(refused.status()).isEqualTo(400);
    assertThat(refused.text("/message")).contains(message);
  }

  @Test
  void a_masked_argument_is_not_shown() {
    var masked =
        work.taskOn(
            agent,
            Map.of(
                "task_arguments",
                List.of(Map.of("type", "input", "label", "key", "masked", true))));

    var made =
        ok(
            supervisor.post(
                "/task/" + masked + "/schedule",
                Map.of("cron", "0 0 1 1 *", "task_arguments", List.of("hush"))));

    assertThat(made.raw().body()).doesNotContain("hush");
    assertThat(made.text("/task_arguments/0")).isEqualTo("********");
  }

  @Test
  void others_see_nothing_of_it() {
    var schedule = schedule(Map.of());
    var stranger = TestTokens.issue(supervisor, "globex", Role.OWNER);

    assertThat(supervisor.getAs(stranger, schedule).status()).isEqualTo(404);
    assertThat(supervisor.getAs(stranger, "/schedule").raw().body()).isEqualTo("[]");
    assertThat(supervisor.getAs(stranger, "/schedule/plan").raw().body()).isEqualTo("[]");
    assertThat(supervisor.getAs(stranger, "/task/" + task + "/schedule").status()).isEqualTo(404);
    var user = supervisor.tokenWith(Role.USER);
    assertThat(supervisor.getAs(user, schedule).status()).isEqualTo(404);
    assertThat(
            supervisor.postAs(user, "/task/" + task + "/schedule", Map.of("cron", MINUTE)).status())
        .isEqualTo(403);
    ok(supervisor.ask("DELETE", schedule, null));
  }
}
