package io.capataz.supervisor.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import io.capataz.common.protocol.Outcome;
import io.capataz.common.protocol.WorkOrder;
import io.capataz.supervisor.TestAgent;
import io.capataz.supervisor.TestClock;
import io.capataz.supervisor.TestSupervisor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What becomes of a job that somebody wants to end, and what that somebody is told. */
class CancelTest {

  private static final TestClock clock = TestSupervisor.clock();
  private static final TestSupervisor supervisor = TestSupervisor.clocked();

  private final TestAgent agent = TestAgent.enrolled(supervisor);
  private final String task =
      supervisor
          .post(
              "/acme/task",
              Map.of(
                  "name", "any",
                  "host_id", agent.host(),
                  "script", Map.of("filename", "x.sh", "content", "exit 0")))
          .text("/id");

  @Test
  void before_its_start_it_never_starts() {
    var job = post();

    assertThat(cancel(job)).isEqualTo("canceled");

    assertThat(agent.claim(TestAgent.newClaimId(), 1, job)).isEmpty();
    assertThat(wire(job)).isEqualTo("canceled/canceled");
  }

  @Test
  void while_it_runs_its_agent_is_told_at_once_and_has_the_last_word() throws Exception {
    var order = running();
    var held = CompletableFuture.supplyAsync(() -> agent.beat(Duration.ofSeconds(10), order));

    assertThat(cancel(order.job())).isEqualTo("stopping");

    assertThat(held.get(9, TimeUnit.SECONDS).stop()).containsExactly(order.attemptId());
    assertThat(supervisor.get("/acme/job/" + order.job()).text("/stop_asked")).isNotEmpty();
    assertThat(agent.end(order, new Outcome.Canceled()).status()).isEqualTo(204);
    assertThat(wire(order.job())).isEqualTo("terminated/canceled");
  }

  @Test
  void an_agent_that_was_told_is_told_again_until_it_has_reported() {
    var order = running();
    cancel(order.job());

    assertThat(agent.beat(Duration.ZERO, order).stop()).containsExactly(order.attemptId());
    assertThat(agent.beat(Duration.ZERO, order).stop()).containsExactly(order.attemptId());
    agent.end(order, new Outcome.Canceled());

    assertThat(agent.beat(Duration.ZERO).stop()).isEmpty();
  }

  @Test
  void a_script_that_ends_well_before_it_can_be_stopped_has_ended_well() {
    var order = running();
    cancel(order.job());

    agent.end(order, new Outcome.Succeeded());

    assertThat(wire(order.job())).isEqualTo("finished/success");
    assertThat(cancel(order.job())).isEqualTo("ended");
  }

  @Test
  void an_unreachable_host_is_told_as_such_and_the_end_can_be_forced() {
    var order = running();
    // Twice: a supervisor that has just started calls nobody silent.
    clock.jump(Duration.ofSeconds(41));
    supervisor.context().getBean(SilenceDetector.class).look();
    clock.jump(Duration.ofSeconds(41));
    supervisor.context().getBean(SilenceDetector.class).look();

    assertThat(cancel(order.job())).isEqualTo("host_unreachable");
    assertThat(supervisor.put("/acme/job/" + order.job() + "/cancel?force=true").text("/cancel"))
        .isEqualTo("forced");

    assertThat(agent.end(order, new Outcome.Succeeded()).status()).isEqualTo(409);
    assertThat(agent.beat(Duration.ZERO, order).forget()).containsExactly(order.attemptId());
    assertThat(wire(order.job())).isEqualTo("terminated/canceled");
  }

  @Test
  void somebody_elses_job_is_not_there() {
    assertThat(supervisor.put("/acme/job/0123456789abcdef01234567/cancel").status()).isEqualTo(404);
  }

  @Test
  void answer_and_claim_never_contradict_each_other() throws Exception {
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (var round = 0; round < 100; round++) {
        var job = post();
        var canceling = threads.submit(() -> cancel(job));
        var claiming = threads.submit(() -> agent.claim(TestAgent.newClaimId(), 1, job));

        var orders = new ArrayList<>(claiming.get());
        if (canceling.get().equals("canceled")) {
          assertThat(orders).isEmpty();
          assertThat(wire(job)).isEqualTo("canceled/canceled");
        } else {
          assertThat(orders).hasSize(1);
          assertThat(agent.end(orders.getFirst(), new Outcome.Canceled()).status()).isEqualTo(204);
          assertThat(wire(job)).isEqualTo("terminated/canceled");
        }
      }
    }
  }

  private WorkOrder running() {
    List<WorkOrder> orders = agent.claim(TestAgent.newClaimId(), 1, post());
    agent.started(orders.getFirst());
    return orders.getFirst();
  }

  private String post() {
    return supervisor.post("/acme/task/" + task + "/job", Map.of()).text("/id");
  }

  private static String cancel(String job) {
    var answer = supervisor.put("/acme/job/" + job + "/cancel");
    assertThat(answer.status()).describedAs(answer.raw().body()).isEqualTo(200);
    return answer.text("/cancel");
  }

  private static String wire(String job) {
    var answer = supervisor.get("/acme/job/" + job);
    return answer.text("/lifecycle") + "/" + answer.text("/state");
  }
}
