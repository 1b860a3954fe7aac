package io.capataz.supervisor.workflowrun;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.capataz.supervisor.TestSupervisor;
import io.capataz.supervisor.job.JobQueries;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** Workflows are run over HTTP, and their jobs are made and ended by an agent. */
class WorkflowRunTest {

  private final TestSupervisor supervisor = TestSupervisor.shared();
  private final Workflowing flow = new Workflowing(supervisor);

  @Test
  void the_output_of_a_step_becomes_the_arguments_of_the_next() {
    var workflow = flow.node("a").node("b").edge("a", "b").made();

    var run = flow.run(workflow, List.of("hello"));
    var first = flow.claim(run, "a");
    assertThat(first.arguments()).containsExactly("hello");
    flow.succeed(first, Map.of("data", List.of("from a", "dropped")));
    var second = flow.claim(run, "b");
    assertThat(second.arguments()).containsExactly("from a");
    flow.succeed(second, List.of("the end"));

    var ended = flow.ended(run);
    assertThat(ended.text("/state")).isEqualTo("success");
    assertThat(ended.text("/output/0")).isEqualTo("the end");
    var jobs = supervisor.get(run + "/jobs").body();
    assertThat(jobs.findValuesAsString("origin")).containsExactly("workflow", "workflow");
    assertThat(jobs.get(0).has("lifecycle")).isTrue();
  }

  @Test
  void an_end_takes_the_edges_of_its_event() {
    var workflow =
        flow.node("a")
            .node("good")
            .node("bad")
            .node("own")
            .edge("a", "good")
            .edge("a", "bad", "failure")
            .edge("a", "own", "mine")
            .made();

    var failing = flow.run(workflow);
    flow.fail(flow.claim(failing, "a"));
    flow.succeed(flow.claim(failing, "bad"), null);
    assertThat(flow.ended(failing).text("/state")).isEqualTo("success");
    assertThat(flow.steps(failing)).containsExactly("a", "bad");

    var named = flow.run(workflow);
    flow.succeed(flow.claim(named, "a"), Map.of("event_name", "mine"));
    flow.fail(flow.claim(named, "own"));
    assertThat(flow.ended(named).text("/state")).isEqualTo("failure");
    assertThat(flow.steps(named)).containsExactly("a", "own");
  }

  /** The first version of graphlib's JSON that the original wrote. */
  @Test
  void events_may_be_nodes() {
    var workflow =
        flow.node("a").event("e", "failure").node("b").edge("a", "e").edge("e", "b").made();

    var run = flow.run(workflow);
    flow.fail(flow.claim(run, "a"));
    flow.succeed(flow.claim(run, "b"), null);

    assertThat(flow.ended(run).text("/state")).isEqualTo("success");
    assertThat(supervisor.get(run.replaceAll("/job/.*", "/graph")).body().at("/nodes").size())
        .isEqualTo(3);
  }

  @Test
  void a_join_begins_once_when_all_its_edges_are_taken() {
    var workflow =
        flow.node("a")
            .node("b")
            .node("c")
            .node("j", Map.of("join", "all", "arguments", Map.of("in", "/steps/c/output/0")))
            .edge("a", "b")
            .edge("a", "c")
            .edge("b", "j")
            .edge("c", "j")
            .made();

    var run = flow.run(workflow);
    flow.succeed(flow.claim(run, "a"), null);
    flow.succeed(flow.claim(run, "c"), List.of("of c"));
    var late = flow.claim(run, "b");
    assertThat(flow.steps(run)).containsExactly("a", "b", "c");
    flow.succeed(late, List.of("of b"));
    var joined = flow.claim(run, "j");

    assertThat(joined.arguments()).containsExactly("of c");
    flow.succeed(joined, null);
    assertThat(flow.ended(run).text("/state")).isEqualTo("success");
    assertThat(flow.steps(run)).containsExactly("a", "b", "c", "j");
  }

  @Test
  void a_condition_decides_by_the_data() {
    var workflow =
        flow.node("a")
            .node("many")
            .node("few")
            .edge("a", "many", Map.of("pointer", "/result/count", "greater", 10))
            .edge("a", "few", Map.of("pointer", "/result/count", "less", 11))
            .made();

    var run = flow.run(workflow);
    flow.succeed(flow.claim(run, "a"), Map.of("count", 12));
    flow.succeed(flow.claim(run, "many"), null);

    flow.ended(run);
    assertThat(flow.steps(run)).containsExactly("a", "many");
  }

  @Test
  void a_step_runs_for_each_item_with_a_limit_on_what_runs_at_once() {
    var workflow =
        flow.node("a")
            .node("each", Map.of("for_each", Map.of("in", "/output", "limit", 2)))
            .node("z")
            .edge("a", "each")
            .edge("each", "z")
            .made();

    var run = flow.run(workflow);
    flow.succeed(flow.claim(run, "a"), List.of("x", "y", "w"));
    var first = flow.claim(run, "each");
    var second = flow.claim(run, "each", 1);
    assertThat(flow.steps(run)).containsExactly("a", "each", "each");
    flow.succeed(first, List.of(first.arguments().getFirst() + "1"));
    var third = flow.claim(run, "each", 2);
    flow.succeed(third, List.of(third.arguments().getFirst() + "3"));
    flow.succeed(second, List.of(second.arguments().getFirst() + "2"));

    var last = flow.claim(run, "z");
    flow.succeed(last, null);
    assertThat(flow.ended(run).text("/state")).isEqualTo("success");
    assertThat(
            List.of(
                first.arguments().getFirst(),
                second.arguments().getFirst(),
                third.arguments().getFirst()))
        .containsExactlyInAnyOrder("x", "y", "w");
    // In the order of the list, whatever ended first.
    assertThat(last.arguments().getFirst()).startsWith("x");
  }

  @Test
  void a_workflow_is_a_step_of_another() {
    var inner = flow.node("i").made();
    var outer =
        flow.node("a")
            .node("sub", Map.of("workflow_id", inner))
            .node("z")
            .edge("a", "sub")
            .edge("sub", "z")
            .made();

    var run = flow.run(outer);
    flow.succeed(flow.claim(run, "a"), List.of("in"));
    await().until(() -> flow.steps(run).contains("sub"));
    var child =
        flow.timeline(run).stream()
            .filter(it -> it.has("run_id"))
            .map(it -> "/workflows/" + inner + "/job/" + it.path("run_id").asString())
            .findFirst()
            .orElseThrow();
    var order = flow.claim(child, "i");
    assertThat(order.arguments()).containsExactly("in");
    flow.succeed(order, List.of("out"));
    var last = flow.claim(run, "z");
    assertThat(last.arguments()).containsExactly("out");
    flow.succeed(last, null);

    assertThat(flow.ended(run).text("/state")).isEqualTo("success");
    assertThat(supervisor.get(child).text("/parent")).isEqualTo(run.replaceAll(".*/", ""));
  }

  @Test
  void a_run_is_canceled_with_its_jobs_and_goes_no_further() {
    var workflow = flow.node("a").node("b").node("c").edge("a", "b").edge("a", "c").made();
    var run = flow.run(workflow);
    flow.succeed(flow.claim(run, "a"), null);
    await().until(() -> flow.steps(run).size() == 3);

    assertThat(supervisor.put(run + "/cancel").status()).isEqualTo(200);

    assertThat(flow.ended(run).text("/state")).isEqualTo("canceled");
    assertThat(supervisor.get(run + "/jobs").body().findValuesAsString("status"))
        .containsExactlyInAnyOrder("succeeded", "canceled", "canceled");
  }

  @Test
  void a_canceled_run_goes_on_where_it_was_if_it_is_retried() {
    var workflow = flow.node("a").node("b").node("c").edge("a", "b").edge("b", "c").made();
    var run = flow.run(workflow);
    flow.succeed(flow.claim(run, "a"), null);
    await().until(() -> flow.steps(run).size() == 2);
    supervisor.put(run + "/cancel");
    flow.ended(run);

    assertThat(supervisor.put(run + "/retry").text("/state")).isEqualTo("in_progress");

    flow.succeed(flow.claim(run, "b", 1), null);
    flow.succeed(flow.claim(run, "c"), null);
    assertThat(flow.ended(run).text("/state")).isEqualTo("success");
  }

  @Test
  void a_run_that_takes_too_long_is_ended() {
    var workflow = flow.node("a").made(Map.of("timeout", 1));

    assertThat(flow.ended(flow.run(workflow)).text("/state")).isEqualTo("timeout");
  }

  @Test
  void what_failed_is_tried_again_and_what_succeeded_stays() {
    var workflow = flow.node("a").node("b").node("c").edge("a", "b").edge("b", "c").made();
    var run = flow.run(workflow);
    flow.succeed(flow.claim(run, "a"), List.of("x"));
    flow.fail(flow.claim(run, "b"));
    assertThat(flow.ended(run).text("/state")).isEqualTo("failure");

    var again = supervisor.put(run + "/retry");

    assertThat(again.text("/state")).isEqualTo("in_progress");
    var order = flow.claim(run, "b", 1);
    assertThat(order.arguments()).containsExactly("x");
    flow.succeed(order, null);
    flow.succeed(flow.claim(run, "c"), null);
    assertThat(flow.ended(run).text("/state")).isEqualTo("success");
    assertThat(supervisor.put(run + "/retry").text("/code")).isEqualTo("nothing_failed");
  }

  @Test
  void a_step_for_which_no_job_can_be_made_has_failed_with_a_reason() {
    var picky = flow.task(List.of(Map.of("type", "input", "label", "must", "required", true)));
    var workflow =
        flow.node("a")
            .node("b", Map.of("task_id", picky))
            .node("c")
            .edge("a", "b")
            .edge("b", "c", "failure")
            .made();
    var run = flow.run(workflow);
    flow.succeed(flow.claim(run, "a"), null);
    var handler = flow.claim(run, "c");
    flow.succeed(handler, null);

    assertThat(flow.ended(run).text("/state")).isEqualTo("success");
    assertThat(flow.timeline(run).get(1).path("reason").asString()).contains("must");
  }

  /** What a run has done is needed until it has ended, however many jobs its tasks may keep. */
  @Test
  void the_jobs_of_an_open_run_are_not_removed() {
    var workflow = flow.node("a").node("b").edge("a", "b").made();
    var queries = supervisor.context().getBean(JobQueries.class);
    var run = flow.run(workflow);
    var first = flow.claim(run, "a");
    flow.succeed(first, null);
    var second = flow.claim(run, "b");
    var task = supervisor.get("/job/" + first.job()).text("/task_id");
    var later = Instant.now(Clock.systemUTC()).plusSeconds(3600);

    assertThat(queries.endedBeyond(task, 0, later, 10)).isEmpty();
    flow.succeed(second, null);
    flow.ended(run);

    assertThat(queries.endedBeyond(task, 0, later, 10)).hasSize(1);
  }

  @Test
  void the_secret_key_runs_it_and_others_do_not() {
    var workflow = flow.node("a").made();
    var key = supervisor.get("/workflows/" + workflow + "/credentials").text("/secret");
    var path = "/workflows/" + workflow + "/secret/";

    var waiting =
        CompletableFuture.supplyAsync(
            () -> supervisor.postAs(null, path + key + "/job?wait_result=true", List.of("v")));
    var led = waiting.join();
    assertThat(led.status()).isEqualTo(303);
    var run = "/workflows/" + workflow + "/job/" + led.text("/id");
    flow.succeed(flow.claim(run, "a"), List.of("done"));
    flow.ended(run);
    var result =
        supervisor.send(
            supervisor.request(led.raw().headers().firstValue("Location").orElseThrow()).GET());

    assertThat(result.text("/output/0")).isEqualTo("done");
    assertThat(supervisor.postAs(null, path + "wrong/job", List.of("v")).status()).isEqualTo(404);
  }

  @Test
  void the_job_route_runs_a_workflow_too() {
    var workflow = flow.node("a").made();

    var answer =
        supervisor.post(
            "/job", Map.of("task", workflow, "task_arguments", Map.of("in", "by name")));

    assertThat(answer.text("/_type")).isEqualTo("WorkflowJob");
    var run = "/workflows/" + workflow + "/job/" + answer.text("/id");
    assertThat(flow.claim(run, "a").arguments()).containsExactly("by name");
  }
}
