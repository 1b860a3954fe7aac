package io.capataz.supervisor.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import io.capataz.common.protocol.Heartbeat;
import io.capataz.common.protocol.MessageJson;
import io.capataz.common.protocol.Outcome;
import io.capataz.common.protocol.RunningAttempt;
import io.capataz.common.protocol.WorkOrder;
import io.capataz.supervisor.TestAgent;
import io.capataz.supervisor.TestClock;
import io.capataz.supervisor.TestSupervisor;
import io.capataz.supervisor.host.Hosts;
import io.capataz.supervisor.job.Job;
import io.capataz.supervisor.job.Jobs;
import io.capataz.supervisor.job.OverdueJobs;
import io.capataz.supervisor.runtime.ClockJumped;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What becomes of jobs whose host is not heard of; told with a clock that jumps. */
class SilenceDetectorTest {

  private static final Duration SILENCE = Duration.ofSeconds(41);

  private static final TestClock clock = TestSupervisor.clock();
  private static final TestSupervisor supervisor = TestSupervisor.clocked();
  private static final SilenceDetector watch = supervisor.context().getBean(SilenceDetector.class);

  private final TestAgent agent = TestAgent.enrolled(supervisor);
  private final WorkOrder order = runningJob();

  @BeforeAll
  static void aSupervisorThatHasSeenForLongEnough() {
    clock.jump(SILENCE);
  }

  @Test
  void a_host_that_beats_is_left_alone() {
    clock.jump(SILENCE.dividedBy(2));
    beat(true);
    clock.jump(SILENCE.dividedBy(2));

    watch.look();

    assertThat(status()).isEqualTo("running");
  }

  @Test
  void what_a_silent_host_holds_becomes_silent_and_is_its_own_again_when_it_is_heard() {
    clock.jump(SILENCE);
    watch.look();
    assertThat(status()).isEqualTo("silent");

    assertThat(beat(true).forget()).isEmpty();

    assertThat(status()).isEqualTo("running");
  }

  @Test
  void an_attempt_that_had_not_started_goes_back_to_that() {
    clock.jump(SILENCE);
    watch.look();

    beat(false);

    assertThat(status()).isEqualTo("assigned");
  }

  @Test
  void a_result_that_comes_during_the_silence_counts() {
    clock.jump(SILENCE);
    watch.look();

    assertThat(agent.end(order, new Outcome.Succeeded()).status()).isEqualTo(204);

    assertThat(status()).isEqualTo("succeeded");
  }

  @Test
  void after_a_while_the_attempt_is_given_up_and_its_late_agent_is_not_heard() {
    clock.jump(SILENCE);
    watch.look();
    clock.jump(SilenceDetector.LOST_AFTER.plusSeconds(1));
    watch.look();

    assertThat(status()).isEqualTo("failed");
    assertThat(supervisor.get("/acme/job/" + order.job()).text("/outcome/type")).isEqualTo("lost");
    assertThat(agent.end(order, new Outcome.Succeeded()).status()).isEqualTo(409);
    assertThat(beat(true).forget()).extracting("job").containsExactly(order.job());
  }

  @Test
  void what_an_agent_does_not_know_long_after_it_was_granted_is_lost() {
    agent.beat(Duration.ZERO);
    assertThat(status()).describedAs("its order may still be on its way").isEqualTo("running");
    clock.jump(Duration.ofSeconds(121));

    agent.beat(Duration.ZERO);

    assertThat(status()).isEqualTo("failed");
    assertThat(supervisor.get("/acme/job/" + order.job()).text("/outcome/type")).isEqualTo("lost");
  }

  @Test
  void what_was_heard_of_since_it_was_read_is_not_given_up() {
    clock.jump(SILENCE);
    watch.look();
    var jobs = supervisor.context().getBean(Jobs.class);
    var silent = jobs.find("acme", order.job()).orElseThrow();
    beat(true);

    assertThat(jobs.lose(silent, "too late")).isEmpty();

    assertThat(status()).isEqualTo("running");
  }

  @Test
  void an_acknowledgement_that_comes_after_the_grant_changes_nothing() {
    clock.jump(SILENCE);
    watch.look();
    var jobs = supervisor.context().getBean(Jobs.class);
    var silent = jobs.find("acme", order.job()).orElseThrow();
    supervisor
        .context()
        .getBean(OverdueJobs.class)
        .announced(
            List.of(
                new OverdueJobs.Acknowledged(
                    silent.id(),
                    silent.pending().outbox().seq(),
                    new Job.Announced("hosts", 0, 7, clock.instant()))));

    assertThat(jobs.find("acme", order.job())).contains(silent);
    assertThat(jobs.lose(silent, "not heard of")).isPresent();
  }

  @Test
  void a_supervisor_that_has_just_started_calls_nobody_silent() {
    var context = supervisor.context();
    var justStarted =
        new SilenceDetector(
            context.getBean(Hosts.class),
            context.getBean(Jobs.class),
            context.getBean(OverdueJobs.class),
            context.getBean(HeartbeatInterval.class),
            clock);

    assertThat(justStarted.isBlind()).isTrue();
    clock.jump(SILENCE);
    assertThat(justStarted.isBlind()).isFalse();
  }

  /** As at an election whose winner has another clock. */
  @Test
  void a_jump_of_the_clock_silences_nobody_and_loses_nothing() {
    clock.jump(Duration.ofMinutes(3));
    supervisor.context().publishEvent(new ClockJumped(Duration.ofMinutes(3)));

    watch.look();
    agent.beat(Duration.ZERO);

    assertThat(status())
        .describedAs("granted three minutes ago by a clock that cannot be compared")
        .isEqualTo("running");
    clock.jump(Duration.ofMinutes(3));
    agent.beat(Duration.ZERO);
    assertThat(status()).describedAs("three real minutes later").isEqualTo("failed");
  }

  @Test
  void the_pace_follows_the_fleet() {
    assertThat(HeartbeatInterval.forFleetOf(0)).isEqualTo(Duration.ofSeconds(10));
    assertThat(HeartbeatInterval.forFleetOf(1_000)).isEqualTo(Duration.ofSeconds(10));
    assertThat(HeartbeatInterval.forFleetOf(10_000)).isEqualTo(Duration.ofSeconds(100));
  }

  private String status() {
    return supervisor.get("/acme/job/" + order.job()).text("/status");
  }

  private Heartbeat.Answer beat(boolean started) {
    var answer =
        agent.say(
            "heartbeat",
            new Heartbeat(
                agent.epoch(),
                List.of(new RunningAttempt(order.job(), order.attempt(), order.claim(), started)),
                Duration.ZERO));
    assertThat(answer.status()).isEqualTo(200);
    return MessageJson.mapper().treeToValue(answer.body(), Heartbeat.Answer.class);
  }

  private WorkOrder runningJob() {
    var task =
        supervisor.post(
            "/acme/task",
            Map.of(
                "name", "any",
                "host_id", agent.host(),
                "script", Map.of("filename", "x.sh", "content", "exit 0")));
    supervisor.post("/acme/task/" + task.text("/id") + "/job", Map.of());
    var claimed = agent.claimOne();
    agent.started(claimed);
    return claimed;
  }
}
