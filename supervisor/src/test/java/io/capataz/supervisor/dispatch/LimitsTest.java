package io.capataz.supervisor.dispatch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.capataz.common.protocol.Outcome;
import io.capataz.common.protocol.WorkOrder;
import io.capataz.supervisor.TestAgent;
import io.capataz.supervisor.TestClock;
import io.capataz.supervisor.TestSupervisor;
import io.capataz.supervisor.TestWork;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How many jobs run at once, whoever asks, however they end. */
class LimitsTest {

  private static final Map<String, ?> ONE_AT_A_TIME = Map.of("multitasking", false);

  private static final TestClock clock = TestSupervisor.clock();
  private static final TestSupervisor supervisor = TestSupervisor.clocked();
  private static final TestWork work = new TestWork(supervisor);

  private final TestAgent agent = TestAgent.enrolled(supervisor);

  @Test
  void without_multitasking_one_runs_and_the_others_follow_in_order() {
    var task = work.taskOn(agent, ONE_AT_A_TIME);
    var jobs = IntStream.range(0, 5).mapToObj(i -> work.post(task)).toList();

    for (var expected : jobs) {
      var order = nextOrder();
      assertThat(order.job()).isEqualTo(expected);
      assertThat(agent.claim(TestAgent.newClaimId(), 4)).isEmpty();
      agent.end(order, new Outcome.Succeeded());
    }
  }

  @Test
  void a_limit_of_two_lets_two_run() {
    var task = work.taskOn(agent, Map.of("max_parallel", 2));
    IntStream.range(0, 6).forEach(i -> work.post(task));

    assertThat(agent.claim(TestAgent.newClaimId(), 6)).hasSize(2);
    assertThat(agent.claim(TestAgent.newClaimId(), 6)).isEmpty();
  }

  @Test
  void jobs_with_the_same_value_wait_for_each_other_and_others_do_not() {
    var task =
        work.taskOn(
            agent,
            Map.of(
                "task_arguments",
                List.of(Map.of("type", "input", "label", "region")),
                "concurrency_key",
                "region"));
    var eu1 = work.post(task, Map.of("task_arguments", List.of("eu")));
    var eu2 = work.post(task, Map.of("task_arguments", List.of("eu")));
    var us = work.post(task, Map.of("task_arguments", List.of("us")));

    var orders = agent.claim(TestAgent.newClaimId(), 4);

    assertThat(orders).extracting(WorkOrder::job).containsExactlyInAnyOrder(eu1, us);
    assertThat(work.why(eu2)).isEqualTo("concurrency_key");
  }

  @Test
  void what_waits_for_a_seat_is_in_nobodys_way() {
    var limited = work.taskOn(agent, ONE_AT_A_TIME);
    var free = work.taskOn(agent, Map.of());
    var first = work.post(limited);
    IntStream.range(0, 20).forEach(i -> work.post(limited));
    var other = work.post(free);

    assertThat(agent.claim(TestAgent.newClaimId(), 2))
        .extracting(WorkOrder::job)
        .containsExactly(first, other);
  }

  @Test
  void a_claim_by_name_does_not_get_round_it() {
    var task = work.taskOn(agent, ONE_AT_A_TIME);
    var first = work.post(task);
    var second = work.post(task);

    assertThat(agent.claim(TestAgent.newClaimId(), 1, first)).hasSize(1);
    assertThat(agent.claim(TestAgent.newClaimId(), 1, second)).isEmpty();
    assertThat(work.status(second)).isEqualTo("ready");
  }

  @ParameterizedTest
  @ValueSource(strings = {"succeeded", "failed", "stopped", "retried", "given back", "forced"})
  void however_an_attempt_ends_its_seat_is_free_again(String how) {
    var task =
        work.taskOn(agent, Map.of("multitasking", false, "max_attempts", 2, "retry_delay", 3600));
    var first = work.post(task);
    var second = work.post(task);
    var order = nextOrder();
    assertThat(order.job()).isEqualTo(first);

    switch (how) {
      case "succeeded" -> agent.end(order, new Outcome.Succeeded());
      case "failed" -> agent.end(order, new Outcome.Refused("no"));
      case "stopped" -> {
        supervisor.put("/acme/job/" + first + "/cancel");
        agent.end(order, new Outcome.Canceled());
      }
      case "retried" -> agent.end(order, new Outcome.ExitedWith(1));
      case "given back" -> {
        agent.giveBack(order);
        // It comes first again, because it has waited for longer.
        var again = nextOrder();
        assertThat(again.job()).isEqualTo(first);
        agent.end(again, new Outcome.Succeeded());
      }
      case "forced" -> supervisor.put("/acme/job/" + first + "/cancel?force=true");
      default -> throw new AssertionError(how);
    }

    assertThat(nextOrder().job()).isEqualTo(second);
  }

  @Test
  void the_seat_of_a_lost_attempt_is_free_again() {
    var task = work.taskOn(agent, ONE_AT_A_TIME);
    work.post(task);
    var second = work.post(task);
    nextOrder();

    agent.open(List.of()); // A new life that knows nothing of the old one's attempt.

    assertThat(nextOrder().job()).isEqualTo(second);
  }

  @Test
  void who_waited_for_longer_is_not_overtaken_by_who_comes_when_a_seat_is_free() {
    var task = work.taskOn(agent, ONE_AT_A_TIME);
    var first = work.post(task);
    var order = nextOrder();
    var second = work.post(task);
    assertThat(agent.claim(TestAgent.newClaimId(), 1, second)).isEmpty();
    agent.end(order, new Outcome.Succeeded());
    var third = work.post(task);

    agent.claim(TestAgent.newClaimId(), 1, third);

    assertThat(order.job()).isEqualTo(first);
    assertThat(work.status(third)).isEqualTo("ready");
    await().until(() -> work.status(second).equals("assigned") || !claimed().isEmpty());
    assertThat(work.status(second)).isEqualTo("assigned");
  }

  @Test
  void a_more_urgent_job_comes_first_at_a_limit_too() {
    var task = work.taskOn(agent, ONE_AT_A_TIME);
    work.post(task);
    var order = nextOrder();
    var patient = work.post(task);
    var urgent = work.post(task, Map.of("priority", 50));
    agent.end(order, new Outcome.Succeeded());

    assertThat(nextOrder().job()).isEqualTo(urgent);
    assertThat(work.status(patient)).isEqualTo("ready");
  }

  @Test
  void whoever_claims_where_and_through_whom_there_are_never_more_than_the_limit()
      throws Exception {
    var most = 3;
    var jobs = 60;
    try (var other = supervisor.another(clock);
        var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var agents = IntStream.range(0, 6).mapToObj(i -> TestAgent.enrolled(supervisor)).toList();
      var pool = work.pool(agents.toArray(TestAgent[]::new));
      var task = work.taskIn(pool, Map.of("max_parallel", most));
      IntStream.range(0, jobs).forEach(i -> work.post(task));
      var running = new AtomicInteger();
      var highest = new AtomicInteger();
      Set<String> done = ConcurrentHashMap.newKeySet();
      var work = new ArrayList<java.util.concurrent.Future<?>>();
      for (var i = 0; i < agents.size(); i++) {
        var worker = i % 2 == 0 ? agents.get(i) : agents.get(i).through(other);
        work.add(
            threads.submit(
                () -> {
                  while (done.size() < jobs) {
                    for (var order : worker.claim(TestAgent.newClaimId(), 2)) {
                      highest.accumulateAndGet(running.incrementAndGet(), Math::max);
                      worker.started(order);
                      assertThat(done.add(order.job())).isTrue();
                      running.decrementAndGet();
                      worker.end(order, new Outcome.Succeeded());
                    }
                  }
                }));
      }
      for (var one : work) {
        one.get();
      }
      assertThat(highest.get()).isBetween(1, most);
      assertThat(done).hasSize(jobs);
    }
  }

  @Test
  void a_job_that_found_the_last_seat_taken_is_told_why_it_waits_and_for_whom() {
    var task = work.taskOn(agent, ONE_AT_A_TIME);
    var first = work.post(task);
    var second = work.post(task);
    nextOrder();
    agent.claim(TestAgent.newClaimId(), 1, second);

    var why = supervisor.get("/acme/job/" + second + "/why").body().at("/why");

    assertThat(why.at("/rule").asString()).isEqualTo("max_parallel");
    assertThat(why.at("/most").asInt()).isOne();
    assertThat(why.at("/occupants")).hasSize(1);
    assertThat(why.at("/occupants/0").asString()).isEqualTo(first);
    assertThat(work.job(second).at("/why/rule").asString()).isEqualTo("max_parallel");
  }

  private List<WorkOrder> claimed() {
    return agent.claim(TestAgent.newClaimId(), 1);
  }

  /** The next order; a permit is freed a moment after the attempt's end was told. */
  private WorkOrder nextOrder() {
    var orders = new HashSet<WorkOrder>();
    await()
        .atMost(Duration.ofSeconds(20))
        .until(
            () -> {
              orders.addAll(claimed());
              return !orders.isEmpty();
            });
    return orders.iterator().next();
  }
}
