package io.capataz.supervisor.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import io.capataz.common.protocol.Outcome;
import io.capataz.common.protocol.OutputReport;
import io.capataz.common.protocol.WorkOrder;
import io.capataz.supervisor.TestAgent;
import io.capataz.supervisor.TestClock;
import io.capataz.supervisor.TestSupervisor;
import io.capataz.supervisor.TestWork;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** When a job is tried again, and when it is not. */
class RetryTest {

  private static final TestClock clock = TestSupervisor.clock();
  private static final TestSupervisor supervisor = TestSupervisor.clocked();
  private static final TestWork work = new TestWork(supervisor);
  private static final DueJobScheduler due = supervisor.context().getBean(DueJobScheduler.class);

  private final TestAgent agent = TestAgent.enrolled(supervisor);

  @Test
  void by_default_a_job_has_one_attempt() {
    var job = work.post(work.taskOn(agent, Map.of()));

    agent.end(agent.claimOne(), new Outcome.ExitedWith(1));

    assertThat(work.status(job)).isEqualTo("failed");
  }

  @Test
  void a_failed_attempt_is_followed_by_another_after_a_pause_that_doubles() {
    var job = work.post(work.taskOn(agent, Map.of("max_attempts", 3, "retry_delay", 60)));

    agent.end(agent.claimOne(), new Outcome.ExitedWith(1));
    assertThat(work.status(job)).isEqualTo("scheduled");
    assertThat(work.why(job)).isEqualTo("retry_delay");
    assertThat(agent.claim(TestAgent.newClaimId(), 1)).isEmpty();
    pass(Duration.ofSeconds(61));
    agent.end(agent.claimOne(), new Outcome.TimedOut());
    pass(Duration.ofSeconds(61));
    assertThat(agent.claim(TestAgent.newClaimId(), 1)).isEmpty();
    pass(Duration.ofSeconds(60));
    var last = agent.claimOne();
    assertThat(last.attempt()).isEqualTo(3);
    agent.end(last, new Outcome.Killed("SIGSEGV"));

    var ended = work.job(job);
    assertThat(ended.at("/status").asString()).isEqualTo("failed");
    assertThat(ended.at("/attempts")).hasSize(3);
    assertThat(ended.at("/attempts/0/outcome/type").asString()).isEqualTo("exited_with");
    assertThat(ended.at("/attempts/2/outcome/type").asString()).isEqualTo("killed");
  }

  @Test
  void a_success_ends_it() {
    var job = work.post(work.taskOn(agent, Map.of("max_attempts", 3, "retry_delay", 1)));
    agent.end(agent.claimOne(), new Outcome.ExitedWith(1));
    pass(Duration.ofSeconds(2));

    agent.end(agent.claimOne(), new Outcome.Succeeded());

    assertThat(work.status(job)).isEqualTo("succeeded");
  }

  @Test
  void what_the_host_refuses_is_not_tried_again() {
    var job = work.post(work.taskOn(agent, Map.of("max_attempts", 3)));

    agent.end(agent.claimOne(), new Outcome.Refused("Rule 1 does not allow it."));

    assertThat(work.status(job)).isEqualTo("failed");
  }

  @Test
  void whoever_wants_it_to_end_does_not_get_another_attempt() {
    var job = work.post(work.taskOn(agent, Map.of("max_attempts", 3)));
    var order = agent.claimOne();
    supervisor.put("/acme/job/" + job + "/cancel");

    agent.end(order, new Outcome.ExitedWith(1));

    assertThat(work.status(job)).isEqualTo("failed");
  }

  @Test
  void between_two_attempts_it_can_be_called_off() {
    var job = work.post(work.taskOn(agent, Map.of("max_attempts", 3)));
    agent.end(agent.claimOne(), new Outcome.ExitedWith(1));

    assertThat(supervisor.put("/acme/job/" + job + "/cancel").text("/cancel"))
        .isEqualTo("canceled");
    pass(Duration.ofHours(1));

    assertThat(agent.claim(TestAgent.newClaimId(), 1)).isEmpty();
    assertThat(work.job(job).at("/lifecycle").asString()).isEqualTo("terminated");
  }

  @Test
  void the_last_word_of_an_attempt_may_be_said_twice_while_the_next_one_waits() {
    work.post(work.taskOn(agent, Map.of("max_attempts", 2)));
    var order = agent.claimOne();

    assertThat(agent.end(order, new Outcome.ExitedWith(1)).status()).isEqualTo(204);
    assertThat(agent.end(order, new Outcome.ExitedWith(1)).status()).isEqualTo(204);
    assertThat(agent.end(order, new Outcome.Succeeded()).status()).isEqualTo(409);
  }

  @Test
  void a_lost_attempt_fails_the_job_unless_the_task_says_otherwise() {
    var careful = work.post(work.taskOn(agent, Map.of("max_attempts", 3)));
    agent.claimOne();
    agent.open(List.of());
    assertThat(work.status(careful)).isEqualTo("failed");

    var harmless =
        work.post(
            work.taskOn(agent, Map.of("max_attempts", 2, "on_lost", "retry", "retry_delay", 0)));
    agent.claimOne();
    agent.open(List.of());
    pass(Duration.ofSeconds(1));
    var again = agent.claimOne();
    assertThat(again.job()).isEqualTo(harmless);
    agent.open(List.of());
    assertThat(work.status(harmless)).isEqualTo("failed");
  }

  @Test
  void a_late_success_spares_the_next_attempt() {
    var job = work.post(work.taskOn(agent, Map.of("max_attempts", 2, "on_lost", "retry")));
    var order = agent.claimOne();
    agent.open(List.of());
    assertThat(work.status(job)).isEqualTo("scheduled");

    assertThat(agent.print(order, OutputReport.Stream.STDOUT, 0, "late").status()).isEqualTo(200);
    assertThat(agent.end(order, new Outcome.ExitedWith(1)).status())
        .describedAs("of a failure nobody wants to hear any more")
        .isEqualTo(409);
    assertThat(agent.end(order, new Outcome.Succeeded()).status()).isEqualTo(204);

    assertThat(work.status(job)).isEqualTo("succeeded");
    pass(Duration.ofMinutes(1));
    assertThat(agent.claim(TestAgent.newClaimId(), 1)).isEmpty();
  }

  @Test
  void a_success_that_is_later_than_the_next_claim_is_not_heard() {
    work.post(work.taskOn(agent, Map.of("max_attempts", 2, "on_lost", "retry", "retry_delay", 0)));
    var lost = agent.claimOne();
    agent.open(List.of());
    pass(Duration.ofSeconds(1));
    WorkOrder current = agent.claimOne();

    assertThat(agent.end(lost, new Outcome.Succeeded()).status()).isEqualTo(409);
    assertThat(agent.end(current, new Outcome.Succeeded()).status()).isEqualTo(204);
  }

  @Test
  void an_attempt_that_never_began_is_given_back_and_does_not_count() {
    var job = work.post(work.taskOn(agent, Map.of()));

    for (var i = 0; i < 5; i++) {
      var order = agent.claimOne();
      assertThat(agent.giveBack(order).status()).isEqualTo(204);
      assertThat(agent.giveBack(order).status()).describedAs("said twice").isEqualTo(204);
      assertThat(work.status(job)).isEqualTo("ready");
    }
    agent.giveBack(agent.claimOne());

    assertThat(work.status(job)).describedAs("not for ever").isEqualTo("failed");
  }

  @Test
  void what_runs_cannot_be_given_back_and_what_is_to_end_is_not_begun_again() {
    work.post(work.taskOn(agent, Map.of()));
    var runs = agent.claimOne();
    agent.started(runs);
    assertThat(agent.giveBack(runs).status()).isEqualTo(409);

    var job = work.post(work.taskOn(agent, Map.of()));
    var stopping = agent.claimOne();
    supervisor.put("/acme/job/" + job + "/cancel");
    assertThat(agent.giveBack(stopping).status()).isEqualTo(204);
    assertThat(work.status(job)).isEqualTo("canceled");
  }

  @Test
  void a_start_that_is_told_many_times_at_once_is_heard_each_time() throws Exception {
    var task = work.taskOn(agent, Map.of());
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (var round = 0; round < 10; round++) {
        work.post(task);
        var order = agent.claimOne();
        var told = Stream.generate(() -> threads.submit(() -> agent.started(order))).limit(4);
        for (var answer : told.toList()) {
          assertThat(answer.get().status()).isEqualTo(204);
        }
      }
    }
  }

  @Test
  void a_claim_that_is_asked_many_times_at_once_is_answered_the_same_each_time() throws Exception {
    var task = work.taskOn(agent, Map.of());
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (var round = 0; round < 10; round++) {
        for (var i = 0; i < 3; i++) {
          work.post(task);
        }
        var claim = TestAgent.newClaimId();
        var asked = Stream.generate(() -> threads.submit(() -> agent.claim(claim, 3))).limit(4);
        for (var answer : asked.toList()) {
          assertThat(answer.get()).hasSize(3);
        }
      }
    }
  }

  private static void pass(Duration time) {
    clock.jump(time);
    due.look();
  }
}
