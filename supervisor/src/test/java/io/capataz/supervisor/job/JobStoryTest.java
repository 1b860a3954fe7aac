package io.capataz.supervisor.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.capataz.common.protocol.Outcome;
import io.capataz.common.protocol.OutputReport.Stream;
import io.capataz.common.protocol.RunningAttempt;
import io.capataz.common.protocol.WorkOrder;
import io.capataz.supervisor.TestAgent;
import io.capataz.supervisor.TestSupervisor;
import io.capataz.supervisor.TestSupervisor.Answer;
import java.net.http.HttpRequest.BodyPublishers;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What becomes of a job, told over HTTP: the caller on one side, an agent on the other. */
class JobStoryTest {

  private final TestSupervisor supervisor = TestSupervisor.shared();
  private final TestAgent agent = TestAgent.enrolled(supervisor);

  @Test
  void a_job_posted_with_the_secret_key_runs_and_succeeds() {
    var task = task("hello", List.of(Map.of("type", "input", "label", "who")));

    var posted =
        supervisor.postAs(
            null,
            "/acme/task/" + task.text("/id") + "/secret/" + task.text("/secret") + "/job",
            Map.of("task_arguments", List.of("world")));
    assertThat(posted.status()).describedAs(posted.raw().body()).isEqualTo(200);
    assertThat(posted.text("/lifecycle")).isEqualTo("ready");
    assertThat(posted.text("/state")).isEqualTo("in_progress");

    var order = agent.claimOne();
    assertThat(order.job()).isEqualTo(posted.text("/id"));
    assertThat(order.arguments()).containsExactly("world");
    assertThat(order.environment()).containsEntry("GREETING", "hello");
    assertThat(TestAgent.script(order).asUtf8()).isEqualTo("#!/bin/sh\necho $1\n");
    assertThat(order.script().digest()).isEqualTo(TestAgent.script(order).sha256());
    assertThat(job(order).text("/lifecycle")).isEqualTo("assigned");

    assertThat(agent.started(order).status()).isEqualTo(204);
    assertThat(job(order).text("/status")).isEqualTo("running");
    assertThat(agent.print(order, Stream.STDOUT, 0, "world\n").text("/stdout")).isEqualTo("6");
    assertThat(output(order)).isEqualTo("world\n");

    assertThat(agent.end(order, new Outcome.Succeeded()).status()).isEqualTo(204);
    var ended = job(order);
    assertThat(ended.text("/lifecycle")).isEqualTo("finished");
    assertThat(ended.text("/state")).isEqualTo("success");
    assertThat(ended.body().at("/exit_code").asInt()).isZero();
    assertThat(ended.body().at("/duration").asDouble()).isEqualTo(1.234);
    assertThat(ended.body().at("/history").findValuesAsString("move"))
        .containsExactly("assign", "start", "succeed");
  }

  @Test
  void every_report_may_be_repeated() {
    var order = claimedJob();

    assertThat(agent.started(order).status()).isEqualTo(204);
    assertThat(agent.started(order).status()).isEqualTo(204);
    agent.print(order, Stream.STDOUT, 0, "abc");
    agent.print(order, Stream.STDOUT, 0, "abc");
    assertThat(agent.print(order, Stream.STDOUT, 0, "abcdef").text("/stdout")).isEqualTo("6");
    assertThat(agent.end(order, new Outcome.ExitedWith(3)).status()).isEqualTo(204);
    assertThat(agent.end(order, new Outcome.ExitedWith(3)).status()).isEqualTo(204);

    assertThat(output(order)).isEqualTo("abcdef");
    assertThat(job(order).text("/state")).isEqualTo("failure");
  }

  @Test
  void a_different_last_word_is_refused() {
    var order = claimedJob();
    agent.started(order);
    agent.end(order, new Outcome.Succeeded());

    assertThat(agent.end(order, new Outcome.ExitedWith(1)).status()).isEqualTo(409);
    assertThat(job(order).text("/state")).isEqualTo("success");
  }

  @Test
  void what_held_a_run_together_and_what_is_not_kept_of_its_output_is_shown() {
    var order = claimedJob();
    agent.started(order);

    agent.end(order, new Outcome.Succeeded(), 7L, "cgroup-v2");

    assertThat(job(order).text("/containment")).isEqualTo("cgroup-v2");
    assertThat(job(order).body().at("/left_out").asLong()).isEqualTo(7);
  }

  @Test
  void an_agent_that_tells_nothing_of_these_is_understood_and_so_is_one_that_tells_them_later() {
    var order = claimedJob();
    agent.started(order);

    assertThat(agent.end(order, new Outcome.Succeeded(), null, null).status()).isEqualTo(204);

    assertThat(job(order).body().has("containment")).isFalse();
    assertThat(job(order).body().has("left_out")).isFalse();
    assertThat(agent.end(order, new Outcome.Succeeded(), 7L, "session").status()).isEqualTo(204);
  }

  @Test
  void nonsense_about_these_is_400_and_the_attempt_goes_on() {
    var order = claimedJob();
    agent.started(order);

    var negative = agent.end(order, new Outcome.Succeeded(), -1L, null);
    var endless = agent.end(order, new Outcome.Succeeded(), null, "x".repeat(101));

    assertThat(negative.status()).isEqualTo(400);
    assertThat(negative.text("/errors/0/pointer")).isEqualTo("/left_out");
    assertThat(endless.status()).isEqualTo(400);
    assertThat(endless.text("/errors/0/pointer")).isEqualTo("/containment");
    assertThat(job(order).text("/status")).isEqualTo("running");
  }

  @Test
  void output_beyond_a_gap_is_not_taken_and_the_answer_says_where_to_go_on() {
    var order = claimedJob();
    agent.started(order);
    agent.print(order, Stream.STDERR, 0, "abc");

    assertThat(agent.print(order, Stream.STDERR, 5, "xyz").text("/stderr")).isEqualTo("3");
    assertThat(output(order)).isEqualTo("abc");
  }

  @Test
  void the_same_claim_asked_again_is_answered_with_the_same_orders() {
    post(task("twice", List.of()));
    post(task("twice", List.of()));
    var claimId = TestAgent.newClaimId();

    var first = agent.claim(claimId, 2);
    var second = agent.claim(claimId, 2);

    assertThat(first).hasSize(2);
    assertThat(second).containsExactlyInAnyOrderElementsOf(first);
  }

  @Test
  void jobs_are_claimed_in_the_order_in_which_they_were_posted() {
    var task = task("order", List.of());
    var posted = List.of(post(task), post(task), post(task));

    var claimed = agent.claim(TestAgent.newClaimId(), 3).stream().map(WorkOrder::job).toList();

    assertThat(claimed).isEqualTo(posted);
  }

  @Test
  void another_hosts_agent_neither_gets_the_job_nor_may_speak_for_it() {
    var stranger = TestAgent.enrolled(supervisor);
    var job = post(task("mine", List.of()));

    assertThat(stranger.claim(TestAgent.newClaimId(), 1, job)).isEmpty();
    var order = agent.claimOne();
    assertThat(stranger.started(order).status()).isEqualTo(409);
    assertThat(stranger.print(order, Stream.STDOUT, 0, "x").status()).isEqualTo(409);
    assertThat(stranger.end(order, new Outcome.Succeeded()).status()).isEqualTo(409);
  }

  @Test
  void what_an_agent_no_longer_knows_after_a_new_start_is_lost() {
    var order = claimedJob();
    agent.started(order);

    agent.open(List.of());

    var lost = job(order);
    assertThat(lost.text("/status")).isEqualTo("failed");
    assertThat(lost.text("/outcome/type")).isEqualTo("lost");
    assertThat(agent.end(order, new Outcome.Succeeded()).status()).isEqualTo(409);
  }

  @Test
  void what_an_agent_still_runs_after_a_new_start_goes_on() {
    var order = claimedJob();
    agent.started(order);

    var opened =
        agent.open(
            List.of(
                new RunningAttempt(order.job(), order.attempt(), order.claim(), true),
                new RunningAttempt("ffffffffffffffffffffffff", 1, "no such claim", true)));

    assertThat(opened.forget()).extracting("job").containsExactly("ffffffffffffffffffffffff");
    assertThat(agent.end(order, new Outcome.Succeeded()).status()).isEqualTo(204);
  }

  @Test
  void an_agent_of_an_older_session_is_told_that_it_is_over() {
    var stale = agent.epoch();
    agent.open(List.of());

    var answer = agent.say("sync", Map.of("epoch", stale, "listening", true));

    assertThat(answer.status()).isEqualTo(410);
    assertThat(answer.text("/code")).isEqualTo("session_over");
  }

  @Test
  void a_form_starts_a_job_as_json_does() {
    var task = task("form", List.of(Map.of("type", "input"), Map.of("type", "input")));

    var posted =
        supervisor.send(
            supervisor
                .request("/job/secret/" + task.text("/secret"))
                .header("Content-Type", "application/x-www-form-urlencoded")
                .POST(
                    BodyPublishers.ofString(
                        "customer=acme&task="
                            + task.text("/id")
                            + "&task_arguments%5B%5D=a+b&task_arguments%5B%5D=c%26d")));

    assertThat(posted.status()).describedAs(posted.raw().body()).isEqualTo(200);
    assertThat(agent.claimOne().arguments()).containsExactly("a b", "c&d");
  }

  @Test
  void a_token_in_the_body_starts_a_job() {
    var task = task("token in body", List.of());

    var posted =
        supervisor.postAs(
            null,
            "/job",
            Map.of(
                "customer", "acme", "task", task.text("/id"), "access_token", supervisor.token()));

    assertThat(posted.status()).describedAs(posted.raw().body()).isEqualTo(200);
    assertThat(posted.text("/origin")).isEqualTo("user");
  }

  @Test
  void following_the_output_ends_when_the_job_does() throws Exception {
    var order = claimedJob();
    agent.started(order);
    agent.print(order, Stream.STDOUT, 0, "one\n");
    var following =
        java.util.concurrent.CompletableFuture.supplyAsync(
            () ->
                supervisor.send(
                    supervisor
                        .request("/acme/job/" + order.job() + "/output?follow=true")
                        .header("Authorization", "Bearer " + supervisor.token())
                        .header("Accept", "application/x-ndjson")
                        .GET()));
    agent.print(order, Stream.STDERR, 0, "two\n");
    agent.print(order, Stream.STDOUT, 4, "three\n");
    agent.end(order, new Outcome.Succeeded());

    var lines = following.get(10, java.util.concurrent.TimeUnit.SECONDS).raw().body().lines();

    assertThat(lines)
        .anyMatch(line -> line.contains("\"text\":\"one\\n\""))
        .anyMatch(line -> line.contains("\"stderr\"") && line.contains("two"))
        .anyMatch(line -> line.contains("\"offset\":4") && line.contains("three"));
  }

  private Answer task(String name, List<Map<String, Object>> parameters) {
    var made =
        supervisor.post(
            "/acme/task",
            Map.of(
                "name",
                name,
                "host_id",
                agent.host(),
                "script",
                Map.of("filename", "hello.sh", "content", "#!/bin/sh\necho $1\n"),
                "task_arguments",
                parameters,
                "env",
                Map.of("GREETING", "hello"),
                "timeout",
                5,
                "grace",
                1));
    assertThat(made.status()).describedAs(made.raw().body()).isEqualTo(200);
    return made;
  }

  private String post(Answer task) {
    var posted = supervisor.post("/acme/task/" + task.text("/id") + "/job", Map.of());
    assertThat(posted.status()).describedAs(posted.raw().body()).isEqualTo(200);
    return posted.text("/id");
  }

  private WorkOrder claimedJob() {
    post(task("any", List.of()));
    return agent.claimOne();
  }

  private Answer job(WorkOrder order) {
    return supervisor.get("/acme/job/" + order.job());
  }

  private String output(WorkOrder order) {
    return supervisor.get("/acme/job/" + order.job() + "/output").raw().body();
  }
}
