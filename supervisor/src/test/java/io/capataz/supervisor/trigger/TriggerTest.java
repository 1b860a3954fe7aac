package io.capataz.supervisor.trigger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.capataz.common.protocol.Outcome;
import io.capataz.supervisor.TestSupervisor;
import io.capataz.supervisor.access.Role;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Ends of jobs and of runs start other tasks and workflows. */
class TriggerTest {

  private final TestSupervisor supervisor = TestSupervisor.shared();
  private final Triggering it = new Triggering(supervisor);

  @Test
  void the_output_of_a_job_becomes_the_arguments_of_the_next() {
    var first = it.task();
    var second = it.task(it.event(first, "success"));
    var third = it.task(it.event(second, "success"));
    var never = it.task(it.event(first, "failure"));

    var order = it.run(first, Map.of("output", List.of("from the first", "dropped")));
    var job = it.only(second);
    var next = it.end(job.path("id").asString(), new Outcome.Succeeded(), null);
    var last = it.only(third);

    assertThat(next.arguments()).containsExactly("from the first");
    assertThat(job.path("origin").asString()).isEqualTo("trigger");
    assertThat(job.path("triggered_by").asString()).isEqualTo(order.job());
    // The user of the first is kept along the chain.
    var user = it.work.job(order.job()).at("/user/id").asString();
    assertThat(user).isNotEmpty();
    assertThat(last.at("/user/id").asString()).isEqualTo(user);
    assertThat(last.path("triggered_by").asString()).isEqualTo(next.job());
    assertThat(it.jobs(never)).isEmpty();
  }

  @Test
  void each_end_is_an_event_of_its_own() {
    var task = it.task();
    var failed = it.task(it.event(task, "failure"));
    var late = it.task(it.event(task, "timeout"));
    var canceled = it.task(it.event(task, "canceled"));
    var named = it.task(it.event(task, "mine"));

    it.end(it.work.post(task), new Outcome.ExitedWith(1), null);
    it.end(it.work.post(task), new Outcome.TimedOut(), null);
    it.run(task, Map.of("event_name", "mine"));
    supervisor.put("/acme/job/" + it.work.post(task) + "/cancel");

    for (var started : List.of(failed, late, canceled, named)) {
      it.only(started);
    }
  }

  @Test
  void workflows_are_started_and_start_others() {
    var emitter = it.task();
    var step = it.task();
    var workflow = it.workflow(step, it.event(emitter, "success"));
    var after = it.task(it.event(workflow, "success"));

    var cause = it.run(emitter, List.of("the input")).job();
    var first = it.only(step);
    assertThat(first.path("origin").asString()).isEqualTo("workflow");
    var order = it.end(first.path("id").asString(), new Outcome.Succeeded(), List.of("the output"));
    var last = it.only(after);

    assertThat(order.arguments()).containsExactly("the input");
    var runs = supervisor.get("/workflows/" + workflow + "/job").body();
    assertThat(runs.size()).isEqualTo(1);
    assertThat(runs.at("/0/origin").asString()).isEqualTo("trigger");
    assertThat(runs.at("/0/triggered_by").asString()).isEqualTo(cause);
    var run = runs.at("/0/id").asString();
    assertThat(last.path("triggered_by").asString()).isEqualTo(run);
    assertThat(last.at("/task_arguments_values/0").asString()).isEqualTo("the output");
    // It is not one of the jobs of the run, although it refers to it.
    var jobs = supervisor.get("/workflows/" + workflow + "/job/" + run + "/jobs").body();
    assertThat(jobs.findValuesAsString("id")).doesNotContain(last.path("id").asString());
  }

  @Test
  void the_triggers_of_a_workflow_are_kept_and_changed() {
    var step = it.task();
    var workflow = it.workflow(step, "1", "2");
    var path = "/acme/workflows/" + workflow;
    var read = supervisor.get(path);
    assertThat(read.body().at("/triggers").valueStream().map(n -> n.asString()))
        .containsExactly("1", "2");
    var graph = read.body().get("graph");

    var kept = supervisor.put(path, Map.of("name", "other", "graph", graph));
    var emptied =
        supervisor.put(path, Map.of("name", "other", "graph", graph, "triggers", List.of()));

    assertThat(kept.body().at("/triggers").size()).isEqualTo(2);
    assertThat(emptied.body().at("/triggers").size()).isZero();
    assertThat(supervisor.put(path, Map.of("name", "x", "graph", graph, "triggers", 7)).status())
        .isEqualTo(400);
  }

  @Test
  void a_grace_time_holds_the_start_and_keeps_the_arguments() {
    var first = it.task();
    var held = it.task(Map.of("grace_time", 300), it.event(first, "success"));
    var before = Instant.now(Clock.systemUTC());

    it.run(first, List.of("kept"));
    var job = it.only(held);

    assertThat(job.path("status").asString()).isEqualTo("scheduled");
    assertThat(job.at("/task_arguments_values/0").asString()).isEqualTo("kept");
    assertThat(Instant.parse(job.path("not_before").asString()))
        .isBetween(before.plusSeconds(299), before.plusSeconds(360));
  }

  @Test
  void a_start_that_is_held_can_be_canceled() {
    var first = it.task();
    var held = it.task(Map.of("grace_time", 60), it.event(first, "success"));
    var after = it.task(it.event(held, "canceled"));

    it.run(first, null);
    var job = it.only(held).path("id").asString();
    assertThat(supervisor.put("/acme/job/" + job + "/cancel").status()).isEqualTo(200);

    assertThat(it.work.status(job)).isEqualTo("canceled");
    it.only(after);
  }

  @Test
  void what_was_held_begins_when_its_time_has_come() {
    var clocked = new Triggering(TestSupervisor.clocked());
    var first = clocked.task();
    var held = clocked.task(Map.of("grace_time", 600), clocked.event(first, "success"));

    clocked.run(first, List.of("kept"));
    var job = clocked.only(held).path("id").asString();
    TestSupervisor.clock().jump(Duration.ofSeconds(601));
    await().until(() -> clocked.work.status(job).equals("ready"));
    clocked.agent.open(List.of());

    assertThat(clocked.agent.claimHeard(job).arguments()).containsExactly("kept");
  }

  @Test
  void a_loop_of_events_is_stopped_and_the_audit_log_says_why() {
    var one = it.task();
    var other = it.task(it.event(one, "success"));
    var body = supervisor.get("/acme/task/" + one).body();
    var changed =
        supervisor.ask(
            "PATCH", "/acme/task/" + one, Map.of("triggers", List.of(it.event(other, "success"))));
    assertThat(changed.status()).describedAs(changed.raw().body() + body).isEqualTo(200);

    var job = it.work.post(one);
    for (var events = 0; events < Triggers.DEEPEST; events++) {
      var ended = it.end(job, new Outcome.Succeeded(), null).job();
      job = await().until(() -> startedBy(events(one, other), ended), found -> !found.isEmpty());
    }
    it.end(job, new Outcome.Succeeded(), null);

    var refused =
        await()
            .until(
                () ->
                    supervisor
                        .get("/acme/audit?action=start%20task%20by%20event&object=" + other)
                        .body(),
                found -> found.size() == 1);
    assertThat(refused.at("/0/path/reason").asString()).contains("loop");
    assertThat(refused.at("/0/path/source").asString()).isEqualTo(job);
    assertThat(refused.at("/0/status").asInt()).isEqualTo(409);
    assertThat(it.jobs(one)).hasSize(11);
    assertThat(it.jobs(other)).hasSize(10);
  }

  private List<JsonNode> events(String one, String other) {
    return Stream.concat(it.jobs(one).stream(), it.jobs(other).stream()).toList();
  }

  private static String startedBy(List<JsonNode> jobs, String ended) {
    return jobs.stream()
        .filter(job -> job.path("triggered_by").asString("").equals(ended))
        .map(job -> job.path("id").asString())
        .findFirst()
        .orElse("");
  }

  @Test
  void what_cannot_be_started_does_not_keep_the_others_from_it() {
    var first = it.task();
    var event = it.event(first, "success");
    var disabled = it.task(Map.of("enable", false), event);
    var demanding =
        it.task(
            Map.of("task_arguments", List.of(Map.of("type", "input", "label", "needed"))), event);
    var good = it.task(event);

    it.run(first, null);
    it.only(good);

    assertThat(it.jobs(disabled)).isEmpty();
    assertThat(it.jobs(demanding)).isEmpty();
    var audit = "/acme/audit?action=start%20task%20by%20event&object=";
    assertThat(supervisor.get(audit + disabled).text("/0/path/reason")).contains("disabled");
    assertThat(supervisor.get(audit + demanding).text("/0/path/reason")).contains("needed");
  }

  @Test
  void the_list_of_events_has_what_a_picker_needs() {
    var task = it.task();
    var workflow = it.workflow(task);

    var ofTask = supervisor.get("/event?emitter_id=" + task).body();
    assertThat(ofTask.findValuesAsString("name"))
        .contains("success", "failure", "timeout", "canceled");
    assertThat(ofTask.at("/0/_type").asString()).isEqualTo("TaskEvent");
    assertThat(ofTask.at("/0/emitter_id").asString()).isEqualTo(task);
    assertThat(ofTask.at("/0/emitter/_type").asString()).isEqualTo("ScriptTask");
    assertThat(ofTask.at("/0/emitter/type").asString()).isEqualTo("script");
    assertThat(ofTask.at("/0/emitter/host_id").asString()).isEqualTo(it.agent.host());
    assertThat(ofTask.at("/0/emitter/host/hostname").asString()).startsWith("host-");
    var ofWorkflow = supervisor.get("/event?emitter_id=" + workflow).body();
    assertThat(ofWorkflow.at("/0/_type").asString()).isEqualTo("WorkflowEvent");
    assertThat(ofWorkflow.size()).isEqualTo(4);

    // A viewer sees neither of the two.
    var viewer = supervisor.tokenWith(Role.VIEWER);
    assertThat(supervisor.getAs(viewer, "/event?emitter_id=" + task).body().size()).isZero();
    for (var wrong : List.of("limit=0", "limit=x", "name=", "strange=1")) {
      assertThat(supervisor.get("/event?" + wrong).status()).isEqualTo(400);
    }
  }

  @Test
  void the_list_of_events_goes_on_page_by_page() {
    var ours = List.of(it.task(), it.task(), it.task());
    var cursor = "";
    var seen = new ArrayList<String>();
    do {
      var page = supervisor.get("/acme/event?name=success&limit=2&cursor=" + cursor);
      seen.addAll(page.body().findValuesAsString("emitter_id"));
      cursor = page.raw().headers().firstValue("X-Next-Cursor").orElse("");
    } while (!cursor.isEmpty());

    assertThat(seen).doesNotHaveDuplicates().containsAll(ours);
  }
}
