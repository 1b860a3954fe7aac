package io.capataz.supervisor.jobtoken;

import static io.capataz.supervisor.jobtoken.Calling.tokenOf;
import static org.assertj.core.api.Assertions.assertThat;

import io.capataz.common.protocol.Outcome;
import io.capataz.common.protocol.WorkOrder;
import io.capataz.supervisor.TestSupervisor;
import io.capataz.supervisor.access.AccessKey;
import io.capataz.supervisor.access.Role;
import io.capataz.supervisor.access.TestTokens;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** A running job starts what its task calls, with a token of its own, and nothing else. */
class JobTokenTest {

  private final TestSupervisor supervisor = TestSupervisor.shared();
  private final Calling it = new Calling(supervisor);

  @Test
  void a_run_has_a_token_if_its_task_calls_others_and_it_is_masked() {
    var child = it.function("child");
    var parent = it.function("parent", it.named("child"));

    var order = it.running(parent);

    assertThat(tokenOf(order)).startsWith("cpz_rt_");
    assertThat(order.secrets()).contains(tokenOf(order));
    assertThat(it.running(child).environment()).doesNotContainKey(WorkOrder.JOB_TOKEN);
    assertThat(supervisor.get("/task/" + it.taskOf(parent)).body().path("calls"))
        .singleElement()
        .extracting(id -> id.asString())
        .isEqualTo(it.taskOf(child));
    assertThat(supervisor.get("/job/" + order.job()).raw().body()).doesNotContain("cpz_rt_");
  }

  @Test
  void what_it_starts_refers_to_it_and_its_result_is_returned() throws Exception {
    var child = it.function("child");
    var parent = it.running(it.function("parent", it.named("child")));

    var waiting =
        CompletableFuture.supplyAsync(
            () -> supervisor.postAs(tokenOf(parent), "/resource", Map.of("id", child)));
    var begun = it.begun();
    it.agent.returned(
        begun, new Outcome.Succeeded(), Map.of("state", "success", "data", List.of(39)));
    var answer = waiting.get(10, TimeUnit.SECONDS);

    assertThat(answer.raw().body())
        .isEqualTo("{\"status\":\"success\",\"data\":[39],\"dataFormat\":\"json\"}");
    var job = supervisor.get("/job/" + begun.job());
    assertThat(job.text("/origin")).isEqualTo("call");
    assertThat(job.text("/triggered_by")).isEqualTo(parent.job());
    assertThat(begun.environment().get(WorkOrder.USER_NAME))
        .isEqualTo(parent.environment().get(WorkOrder.USER_NAME));
    assertThat(
            supervisor
                .getAs(tokenOf(parent), "/resource/job/" + begun.job())
                .body()
                .at("/data/0")
                .asInt())
        .isEqualTo(39);
  }

  @Test
  void an_ordinary_task_is_started_whatever_its_acl_says() {
    var task = it.taskOf(it.function("child"));
    var parent = it.running(it.function("parent", it.named("child")));

    var started = supervisor.postAs(tokenOf(parent), "/task/" + task + "/job", Map.of());

    assertThat(started.status()).as(started.raw().body()).isEqualTo(200);
    assertThat(started.text("/origin")).isEqualTo("call");
  }

  @Test
  void it_sees_and_starts_nothing_else() {
    var child = it.function("child");
    var other = it.function("other");
    var parent = it.running(it.function("parent", it.named("child")));
    var token = tokenOf(parent);

    assertThat(supervisor.getAs(token, "/library").body().findValuesAsString("id"))
        .containsExactly(child);
    assertThat(it.called(token, other).status()).isEqualTo(404);
    assertThat(supervisor.postAs(token, "/task/" + it.taskOf(other) + "/job", Map.of()).status())
        .isEqualTo(404);
    assertThat(supervisor.getAs(token, "/resource/job/" + parent.job()).status()).isEqualTo(404);
    for (var path : List.of("/task", "/acme/job", "/session", "/library/" + child, "/acme/host")) {
      assertThat(supervisor.getAs(token, path).status()).as(path).isEqualTo(403);
    }
    assertThat(
            supervisor.sendAs(token, "PUT", "/job/" + parent.job() + "/restart", Map.of()).status())
        .isEqualTo(403);
  }

  @Test
  void another_tenant_is_out_of_reach() {
    var their = TestTokens.issue(supervisor, "others", Role.OWNER);
    var task = it.taskOf(it.function("child"));
    var parent = it.function("parent", it.named("child"));
    var pool = supervisor.postAs(their, "/others/pool", Map.of("name", "p"));
    var theirs =
        supervisor.postAs(
            their,
            "/others/task",
            Map.of(
                "name",
                "t",
                "script",
                Map.of("filename", "t.sh", "content", "#!/bin/sh\n"),
                "pool",
                pool.text("/id"),
                "calls",
                List.of(task)));
    assertThat(theirs.status()).as(theirs.raw().body()).isEqualTo(200);
    supervisor.ask(
        "PATCH", "/task/" + it.taskOf(parent), Map.of("calls", List.of(task, theirs.text("/id"))));
    var token = tokenOf(it.running(parent));

    assertThat(
            supervisor
                .postAs(token, "/others/task/" + theirs.text("/id") + "/job", Map.of())
                .status())
        .isEqualTo(404);
    assertThat(supervisor.postAs(token, "/task/" + theirs.text("/id") + "/job", Map.of()).status())
        .isEqualTo(404);
    assertThat(supervisor.postAs(token, "/task/" + task + "/job", Map.of()).status())
        .isEqualTo(200);
  }

  @Test
  void it_ends_with_its_attempt_and_with_the_request_to_end_it() {
    var child = it.function("child");
    var parent = it.function("parent", it.named("child"));
    var ended = it.running(parent);
    var stopped = it.running(parent);
    assertThat(it.called(tokenOf(ended), child).status()).isEqualTo(200);
    assertThat(it.called(tokenOf(stopped), child).status()).isEqualTo(200);

    it.agent.end(ended, new Outcome.Succeeded());
    supervisor.put("/acme/job/" + stopped.job() + "/cancel");

    assertThat(it.called(tokenOf(ended), child).status()).isEqualTo(401);
    assertThat(it.called(tokenOf(stopped), child).status()).isEqualTo(401);
  }

  @Test
  void a_forged_one_and_that_of_another_job_are_unknown() {
    var child = it.function("child");
    var parent = it.function("parent", it.named("child"));
    var one = it.running(parent);
    var other = it.running(parent);
    var secret = tokenOf(other).substring(7 + 17, 7 + 17 + 42);

    for (var job : List.of(one.job(), it.running(child).job(), "0".repeat(24))) {
      var forged = AccessKey.derived(AccessKey.Kind.RT, JobDigits.of(job), secret);
      assertThat(it.called(forged.text().reveal(), child).status()).isEqualTo(401);
    }
    assertThat(tokenOf(one)).isNotEqualTo(tokenOf(other));
    assertThat(it.called(tokenOf(other), child).status()).isEqualTo(200);
  }

  @Test
  void it_lasts_no_longer_than_the_timeout() {
    var clocked = new Calling(TestSupervisor.clocked());
    var child = clocked.function("child");
    var token = tokenOf(clocked.running(clocked.function("parent", clocked.named("child"))));
    assertThat(clocked.called(token, child).status()).isEqualTo(200);

    TestSupervisor.clock().jump(Duration.ofMinutes(11));

    assertThat(clocked.called(token, child).status()).isEqualTo(401);
  }

  @Test
  void what_is_called_is_checked() {
    assertThat(it.registered("parent", "nothing").text("/code")).isEqualTo("invalid_input");
    assertThat(
            it.registered("parent", it.named("unknown")).body().at("/errors/0/pointer").asString())
        .isEqualTo("/calls/0");
    assertThat(it.registered("self", it.named("self")).status()).isEqualTo(200);
  }

  @Test
  void ids_of_jobs_are_written_and_read() {
    for (var id : List.of("0".repeat(24), "f".repeat(24), "0123456789abcdef01234567")) {
      assertThat(JobDigits.job(JobDigits.of(id))).contains(id);
    }
    assertThat(JobDigits.job("z".repeat(17))).isEmpty();
  }
}
