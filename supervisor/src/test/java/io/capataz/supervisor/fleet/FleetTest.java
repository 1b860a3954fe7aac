package io.capataz.supervisor.fleet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.capataz.common.protocol.Outcome;
import io.capataz.supervisor.TestAgent;
import io.capataz.supervisor.TestSupervisor;
import io.capataz.supervisor.TestSupervisor.Answer;
import io.capataz.supervisor.TestWork;
import io.capataz.supervisor.access.Role;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Fleet runs as people and agents see them. */
class FleetTest {

  private final TestSupervisor supervisor = TestSupervisor.clocked();
  private final TestWork work = new TestWork(supervisor);
  private final List<TestAgent> agents =
      IntStream.range(0, 3).mapToObj(_ -> TestAgent.enrolled(supervisor)).toList();
  private final List<String> hosts = agents.stream().map(TestAgent::host).toList();
  private final String task = work.taskOn(agents.getFirst(), Map.of());

  private Answer start(Map<String, ?> more) {
    var body = new HashMap<String, Object>(more);
    body.putIfAbsent("hosts", hosts);
    return supervisor.post("/task/" + task + "/fleet", body);
  }

  private String started(Map<String, ?> more) {
    var answer = start(more);
    assertThat(answer.status()).describedAs(answer.raw().body()).isEqualTo(200);
    return answer.text("/id");
  }

  private Answer run(String id) {
    return supervisor.get("/fleet/" + id);
  }

  private void awaitState(String id, String pointer, Object value) {
    await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> run(id).text(pointer), it -> it.equals(String.valueOf(value)));
  }

  /** The next look finds hosts that are back. */
  private void awaitRunning(String id, List<TestAgent> back) {
    TestSupervisor.clock().jump(Duration.ofSeconds(6));
    await()
        .atMost(Duration.ofSeconds(30))
        .until(
            () -> {
              back.forEach(agent -> agent.beat(Duration.ZERO));
              return run(id).text("/totals/running");
            },
            it -> it.equals(String.valueOf(back.size())));
  }

  private static void end(TestAgent agent, Outcome outcome) {
    // What follows from the end before it is done in the background.
    var order =
        await()
            .atMost(Duration.ofSeconds(30))
            .until(() -> agent.claim(TestAgent.newClaimId(), 1), it -> !it.isEmpty())
            .getFirst();
    assertThat(agent.started(order).status()).isEqualTo(204);
    assertThat(agent.end(order, outcome).status()).isEqualTo(204);
  }

  private void succeed(int agent) {
    end(agents.get(agent), new Outcome.Succeeded());
  }

  private void fail(int agent) {
    end(agents.get(agent), new Outcome.ExitedWith(3));
  }

  private int put(String id, String what, Map<String, ?> body) {
    return supervisor.put("/fleet/" + id + "/" + what, body).status();
  }

  @Test
  void waves_begin_one_after_the_other_and_the_last_after_an_approval() {
    var id = started(Map.of("waves", "1, rest", "approval", "last"));

    assertThat(run(id).text("/why/rule")).isEqualTo("hosts_under_way");
    assertThat(agents.get(1).claim(TestAgent.newClaimId(), 1)).isEmpty();
    assertThat(supervisor.put("/fleet/" + id + "/approve").status()).isEqualTo(409);
    succeed(0);
    awaitState(id, "/state", "waiting");
    assertThat(run(id).text("/why/rule")).isEqualTo("approval");
    assertThat(supervisor.put("/fleet/" + id + "/approve").status()).isEqualTo(200);
    succeed(1);
    succeed(2);
    awaitState(id, "/state", "success");
    assertThat(run(id).text("/totals/succeeded")).isEqualTo("3");
    assertThat(run(id).text("/waves/1/totals/succeeded")).isEqualTo("2");
    var rows = supervisor.get("/fleet/" + id + "/host?state=succeeded").body();
    assertThat(rows).hasSize(3);
    assertThat(rows.at("/2/wave").asInt()).isEqualTo(2);
    assertThat(supervisor.get("/job/" + rows.at("/0/job_id").asString()).text("/host_id"))
        .isEqualTo(hosts.getFirst());
  }

  @Test
  void a_spent_budget_pauses_and_only_the_failed_are_tried_again() {
    var id = started(Map.of("at_once", 1, "failure_budget", 1));

    fail(0);
    awaitState(id, "/state", "paused");
    assertThat(run(id).text("/totals/to_come")).isEqualTo("2");
    var refused = supervisor.put("/fleet/" + id + "/resume", Map.of());
    assertThat(refused.status()).isEqualTo(409);
    assertThat(refused.text("/code")).isEqualTo("budget_spent");
    assertThat(put(id, "retry", Map.of())).isEqualTo(200);
    assertThat(put(id, "resume", Map.of("failure_budget", 3))).isEqualTo(200);
    succeed(0);
    succeed(1);
    fail(2);
    awaitState(id, "/state", "failure");
    assertThat(put(id, "retry", Map.of("hosts", List.of(hosts.get(2))))).isEqualTo(200);
    succeed(2);
    awaitState(id, "/state", "success");
    var rows = supervisor.get("/fleet/" + id + "/host").body();
    assertThat(rows.valueStream().map(row -> row.at("/attempt").asInt())).containsExactly(2, 1, 2);
    assertThat(put(id, "retry", Map.of())).isEqualTo(409);
  }

  @Test
  void hosts_that_are_off_are_waited_for_until_a_time() {
    TestSupervisor.clock().jump(Duration.ofMinutes(5));
    agents.get(1).open(List.of());
    var id = started(Map.of("off_for", 3600));

    succeed(1);
    awaitState(id, "/totals/off", 2);
    awaitState(id, "/why/rule", "hosts_off");
    agents.get(0).open(List.of());
    awaitRunning(id, agents.subList(0, 1));
    succeed(0);
    TestSupervisor.clock().jump(Duration.ofHours(2));
    awaitState(id, "/state", "success");
    assertThat(run(id).text("/totals/skipped")).isEqualTo("1");
  }

  @Test
  void hosts_that_are_off_are_skipped_or_fail() {
    TestSupervisor.clock().jump(Duration.ofMinutes(5));

    var skipping = started(Map.of("off", "skip"));
    awaitState(skipping, "/state", "success");
    assertThat(run(skipping).text("/totals/skipped")).isEqualTo("3");
    var failing = started(Map.of("off", "fail", "failure_budget", 2));
    awaitState(failing, "/state", "paused");
    assertThat(run(failing).text("/totals/failed")).isEqualTo("2");
    assertThat(run(failing).text("/totals/to_come")).isEqualTo("1");
  }

  @Test
  void a_job_that_waits_for_a_host_that_went_off_is_taken_back() {
    var id = started(Map.of("off_for", 3600));
    TestSupervisor.clock().jump(Duration.ofMinutes(5));

    awaitState(id, "/totals/off", 3);
    agents.forEach(agent -> agent.open(List.of()));
    awaitRunning(id, agents);
    IntStream.range(0, 3).forEach(this::succeed);
    awaitState(id, "/state", "success");
  }

  @Test
  void pausing_skipping_and_canceling() {
    var id = started(Map.of("at_once", 1));

    assertThat(put(id, "pause", Map.of("note", "freeze"))).isEqualTo(200);
    succeed(0);
    awaitState(id, "/totals/succeeded", 1);
    assertThat(run(id).text("/pause/note")).isEqualTo("freeze");
    assertThat(put(id, "skip", Map.of("host", hosts.get(0)))).isEqualTo(409);
    assertThat(put(id, "skip", Map.of("host", "nobody"))).isEqualTo(400);
    assertThat(put(id, "skip", Map.of("host", hosts.get(1)))).isEqualTo(200);
    assertThat(put(id, "resume", Map.of())).isEqualTo(200);
    awaitState(id, "/totals/running", 1);
    assertThat(supervisor.put("/fleet/" + id + "/cancel").text("/state"))
        .isIn("canceling", "canceled");
    awaitState(id, "/state", "canceled");
    assertThat(put(id, "pause", Map.of())).isEqualTo(409);
    assertThat(run(id).body().at("/history").valueStream().map(it -> it.at("/what").asString()))
        .containsExactly("began", "paused", "resumed", "canceled", "ended");
  }

  @Test
  void the_same_request_under_a_key_makes_one_run() {
    var key = UUID.randomUUID().toString();
    var body = Map.of("hosts", hosts);
    var path = "/task/" + task + "/fleet";
    var first = supervisor.ask("POST", path, body, "Idempotency-Key", key);
    var second = supervisor.ask("POST", path, body, "Idempotency-Key", key);

    assertThat(second.text("/id")).isEqualTo(first.text("/id")).isNotEmpty();
    assertThat(second.raw().headers().firstValue("Idempotency-Replayed")).hasValue("true");
    assertThat(supervisor.get(path).body()).hasSize(1);
    assertThat(
            supervisor
                .ask("POST", path, Map.of("hosts", hosts, "at_once", 2), "Idempotency-Key", key)
                .status())
        .isEqualTo(422);
  }

  @Test
  void only_administrators_choose_hosts() {
    var user = supervisor.tokenWith(Role.USER);
    var shared =
        work.taskIn(work.pool(agents.toArray(TestAgent[]::new)), Map.of("acls", List.of("user")));
    var path = "/task/" + shared + "/fleet";

    assertThat(supervisor.postAs(user, path, Map.of("hosts", hosts)).status()).isEqualTo(403);
    var made = supervisor.postAs(user, path, Map.of());
    assertThat(made.status()).describedAs(made.raw().body()).isEqualTo(200);
    assertThat(made.text("/hosts")).isEqualTo("3");
    assertThat(supervisor.getAs(user, "/fleet/" + made.text("/id")).status()).isEqualTo(200);
    assertThat(supervisor.getAs(user, "/fleet/" + started(Map.of())).status()).isEqualTo(404);
  }

  @Test
  void a_schedule_repeats_a_run() {
    var id = started(Map.of("at_once", 2));
    var at = TestSupervisor.clock().instant().plusSeconds(600).toString();
    var made = supervisor.post("/fleet/" + id + "/schedule", Map.of("at", at, "overlap", "queue"));
    assertThat(made.status()).describedAs(made.raw().body()).isEqualTo(200);
    assertThat(made.text("/data/fleet_id")).isEqualTo(id);

    TestSupervisor.clock().jump(Duration.ofSeconds(601));
    await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> supervisor.get("/task/" + task + "/fleet").body().size(), it -> it == 2);
    var repeated = supervisor.get("/task/" + task + "/fleet").body().get(0);
    assertThat(repeated.at("/at_once").asInt()).isEqualTo(2);
    assertThat(repeated.at("/hosts").asInt()).isEqualTo(3);
    assertThat(repeated.at("/origin").asString()).isEqualTo("schedule");
  }

  @Test
  void what_makes_no_sense_is_refused() {
    for (var wrong :
        List.of(
            Map.of("waves", "rest, 1"),
            Map.of("waves", "0"),
            Map.of("waves", List.of("101 %")),
            Map.of("waves", Map.of()),
            Map.of("at_once", 0),
            Map.of("failure_budget", "none"),
            Map.of("approval", "sometimes"),
            Map.of("off", "skip", "off_for", 3),
            Map.of("off_for", 3, "off_until", "2999-01-01T00:00:00Z"),
            Map.of("labels", "os=linux"),
            Map.of("hosts", List.of("nobody")),
            Map.of("hosts", List.of()),
            Map.of("task_arguments", "one"),
            Map.of("task_arguments", List.of("one")),
            Map.of("unknown", true))) {
      assertThat(start(wrong).status()).describedAs(wrong.toString()).isEqualTo(400);
    }
    var path = "/task/" + task + "/fleet";
    assertThat(supervisor.post(path, Map.of("labels", "((")).status()).isEqualTo(400);
    assertThat(supervisor.post(path, Map.of("labels", "nobody=has")).status()).isEqualTo(400);
    assertThat(supervisor.post(path, Map.of("pool", "nobody")).status()).isEqualTo(400);
    var none = "6a0000000000000000000000";
    assertThat(supervisor.post("/task/" + none + "/fleet", Map.of()).status()).isEqualTo(404);
    assertThat(run(none).status()).isEqualTo(404);
  }
}
