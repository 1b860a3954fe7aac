package io.capataz.supervisor.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import io.capataz.common.protocol.Outcome;
import io.capataz.common.protocol.WorkOrder;
import io.capataz.supervisor.TestAgent;
import io.capataz.supervisor.TestClock;
import io.capataz.supervisor.TestSupervisor;
import io.capataz.supervisor.TestWork;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Later, not too late, and not before somebody says so. */
class TimesTest {

  private static final TestClock clock = TestSupervisor.clock();
  private static final TestSupervisor supervisor = TestSupervisor.clocked();
  private static final TestWork work = new TestWork(supervisor);
  private static final DueJobScheduler due = supervisor.context().getBean(DueJobScheduler.class);

  private final TestAgent agent = TestAgent.enrolled(supervisor);
  private final String task = work.taskOn(agent, Map.of());

  @Test
  void a_job_for_later_starts_then_and_not_before() {
    var job = work.post(task, Map.of("not_before", in(Duration.ofHours(1))));
    assertThat(work.status(job)).isEqualTo("scheduled");
    assertThat(work.why(job)).isEqualTo("not_before");

    pass(Duration.ofMinutes(59));
    assertThat(agent.claim(TestAgent.newClaimId(), 1, job)).isEmpty();
    pass(Duration.ofMinutes(2));

    assertThat(agent.claimOne().job()).isEqualTo(job);
  }

  @Test
  void a_job_that_was_not_claimed_in_time_expires() {
    var job = work.post(task, Map.of("start_by", in(Duration.ofMinutes(5))));

    pass(Duration.ofMinutes(4));
    assertThat(work.status(job)).isEqualTo("ready");
    pass(Duration.ofMinutes(2));

    assertThat(work.job(job).at("/lifecycle").asString()).isEqualTo("expired");
    assertThat(agent.claim(TestAgent.newClaimId(), 1)).isEmpty();
  }

  @Test
  void a_job_that_was_claimed_in_time_does_not_expire() {
    var job = work.post(task, Map.of("start_by", in(Duration.ofMinutes(5))));
    var order = agent.claimOne();

    pass(Duration.ofMinutes(6));

    assertThat(agent.end(order, new Outcome.Succeeded()).status()).isEqualTo(204);
    assertThat(work.status(job)).isEqualTo("succeeded");
  }

  @Test
  void a_job_ended_when_its_script_did_and_not_when_that_was_reported() {
    var job = work.post(task, Map.of());
    var order = agent.claimOne();
    agent.started(order);

    clock.jump(Duration.ofMinutes(5));
    agent.end(order, new Outcome.Succeeded()); // After 1.234 seconds.

    var shown = work.job(job);
    var started = Instant.parse(shown.at("/started").asString());
    assertThat(Instant.parse(shown.at("/ended").asString())).isEqualTo(started.plusMillis(1234));
    assertThat(Instant.parse(shown.at("/reported").asString()))
        .isAfterOrEqualTo(started.plus(Duration.ofMinutes(5)));
    var attempt = shown.at("/attempts/0");
    assertThat(attempt.at("/ended").asString()).isEqualTo(shown.at("/ended").asString());
    assertThat(Instant.parse(attempt.at("/reported").asString()))
        .isAfterOrEqualTo(started.plus(Duration.ofMinutes(5)));
  }

  @Test
  void an_attempt_that_is_followed_by_another_ended_when_its_script_did() {
    var job = work.post(work.taskOn(agent, Map.of("max_attempts", 2)));
    var order = agent.claimOne();
    agent.started(order);
    var started = Instant.parse(work.job(job).at("/started").asString());

    clock.jump(Duration.ofMinutes(5));
    agent.end(order, new Outcome.ExitedWith(1)); // After 1.234 seconds.

    var attempt = work.job(job).at("/attempts/0");
    assertThat(work.status(job)).isEqualTo("scheduled");
    assertThat(Instant.parse(attempt.at("/ended").asString())).isEqualTo(started.plusMillis(1234));
    assertThat(Instant.parse(attempt.at("/reported").asString()))
        .isAfterOrEqualTo(started.plus(Duration.ofMinutes(5)));
  }

  @Test
  void a_held_job_waits_for_its_release() {
    var job = work.post(task, Map.of("hold", true));
    assertThat(work.job(job).at("/lifecycle").asString()).isEqualTo("onhold");
    assertThat(work.why(job)).isEqualTo("held");
    assertThat(agent.claim(TestAgent.newClaimId(), 1, job)).isEmpty();

    assertThat(supervisor.put("/acme/job/" + job + "/release").text("/status")).isEqualTo("ready");

    assertThat(agent.claimOne().job()).isEqualTo(job);
  }

  @Test
  void a_waiting_job_can_be_held_and_a_running_one_cannot() {
    var job = work.post(task);
    assertThat(supervisor.put("/acme/job/" + job + "/hold").text("/status")).isEqualTo("held");
    assertThat(supervisor.put("/acme/job/" + job + "/hold").status()).isEqualTo(200);
    assertThat(agent.claim(TestAgent.newClaimId(), 1, job)).isEmpty();
    supervisor.put("/acme/job/" + job + "/release");
    agent.claimOne();

    assertThat(supervisor.put("/acme/job/" + job + "/hold").text("/code")).isEqualTo("not_waiting");
    assertThat(supervisor.put("/acme/job/" + job + "/release").text("/code")).isEqualTo("not_held");
    assertThat(supervisor.put("/acme/job/0123456789abcdef01234567/hold").status()).isEqualTo(404);
  }

  @Test
  void a_job_for_later_that_is_released_before_its_time_waits_for_it() {
    var job = work.post(task, Map.of("hold", true, "not_before", in(Duration.ofHours(1))));

    assertThat(supervisor.put("/acme/job/" + job + "/release").text("/status"))
        .isEqualTo("scheduled");
    pass(Duration.ofMinutes(61));

    assertThat(agent.claimOne().job()).isEqualTo(job);
  }

  @Test
  void a_held_job_expires_too() {
    var job = work.post(task, Map.of("hold", true, "start_by", in(Duration.ofMinutes(5))));
    pass(Duration.ofMinutes(6));
    assertThat(work.status(job)).isEqualTo("expired");
  }

  @Test
  void more_urgent_jobs_come_first_and_among_equals_the_older_ones() {
    var first = work.post(task);
    var second = work.post(task);
    var urgent = work.post(task, Map.of("priority", 10));
    var patient = work.post(task, Map.of("priority", -10));
    var third = work.post(task);

    assertThat(agent.claim(TestAgent.newClaimId(), 9))
        .extracting(WorkOrder::job)
        .containsExactly(urgent, first, second, third, patient);
  }

  @Test
  void a_claim_by_name_is_granted_in_the_same_order_and_followed_by_what_else_waits() {
    var first = work.post(task);
    var urgent = work.post(task, Map.of("priority", 10));

    assertThat(agent.claim(TestAgent.newClaimId(), 5, first, urgent))
        .extracting(WorkOrder::job)
        .containsExactly(urgent, first);

    var unheard = work.post(task);
    assertThat(agent.claim(TestAgent.newClaimId(), 1, "0123456789abcdef01234567"))
        .extracting(WorkOrder::job)
        .containsExactly(unheard);
  }

  @Test
  void nonsense_is_refused_field_by_field() {
    for (var wrong :
        List.of(
            Map.of("priority", 101),
            Map.of("not_before", "tomorrow"),
            Map.of("start_by", clock.instant().minusSeconds(1).toString()),
            Map.of("not_before", in(Duration.ofHours(2)), "start_by", in(Duration.ofHours(1))),
            Map.of("hold", "perhaps"))) {
      var answer = supervisor.post("/acme/task/" + task + "/job", wrong);
      assertThat(answer.status()).describedAs(wrong.toString()).isEqualTo(400);
      assertThat(answer.text("/errors/0/pointer")).startsWith("/");
    }
  }

  private static String in(Duration time) {
    return clock.instant().plus(time).toString();
  }

  private static void pass(Duration time) {
    clock.jump(time);
    due.look();
  }
}
