package io.capataz.supervisor.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import io.capataz.common.protocol.Claim;
import io.capataz.common.protocol.Heartbeat;
import io.capataz.common.protocol.Outcome;
import io.capataz.common.protocol.RunningAttempt;
import io.capataz.common.protocol.SessionEnd;
import io.capataz.common.protocol.Sync;
import io.capataz.common.protocol.WorkOrder;
import io.capataz.supervisor.TestAgent;
import io.capataz.supervisor.TestClock;
import io.capataz.supervisor.TestSupervisor;
import io.capataz.supervisor.TestWork;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** An agent that ends says so, and nobody has to wait until its silence is noticed. */
class SessionEndTest {

  private static final TestClock clock = TestSupervisor.clock();
  private static final TestSupervisor supervisor = TestSupervisor.clocked();
  private static final TestWork work = new TestWork(supervisor);

  private final TestAgent agent = TestAgent.enrolled(supervisor);
  private final String task = work.taskOn(agent, Map.of());

  @Test
  void its_host_is_offline_at_once_and_online_again_with_the_next_session() {
    agent.say("sync", new Sync(agent.epoch(), true));
    var waits = work.post(task);
    assertThat(work.why(waits)).isEqualTo("being_claimed");

    assertThat(end(agent.epoch())).isEqualTo(204);

    assertThat(host("/state")).isEqualTo("offline");
    assertThat(host("/online")).isEqualTo("false");
    assertThat(host("/listening")).isEqualTo("false");
    assertThat(isListed("offline")).isTrue();
    assertThat(isListed("online")).isFalse();
    assertThat(work.why(waits)).isEqualTo("host_offline");
    assertThat(work.job(waits).at("/why/message").asString()).contains("ended at");

    agent.open(List.of());
    assertThat(host("/state")).isEqualTo("online");
    assertThat(isListed("offline")).isFalse();
    assertThat(work.why(waits)).isEqualTo("being_claimed");
  }

  @Test
  void what_its_keepers_look_after_is_still_its_own_in_its_next_life() {
    var order = running();

    end(agent.epoch());

    assertThat(work.status(order.job())).isEqualTo("running");
    assertThat(agent.open(List.of(running(order))).forget()).isEmpty();
    assertThat(agent.end(order, new Outcome.Succeeded()).status()).isEqualTo(204);
    assertThat(work.job(order.job()).at("/history").findValuesAsString("move"))
        .containsExactly("assign", "start", "succeed");
  }

  @Test
  void what_it_left_is_silent_and_lost_if_it_does_not_come_back() {
    var watch = supervisor.context().getBean(SilenceDetector.class);
    clock.jump(Duration.ofSeconds(41));
    watch.look();
    agent.beat(Duration.ZERO);
    var order = running();
    end(agent.epoch());

    watch.look();
    assertThat(work.status(order.job())).as("as long as after a kill").isEqualTo("running");
    clock.jump(Duration.ofSeconds(41));
    watch.look();
    assertThat(work.status(order.job())).isEqualTo("silent");
    clock.jump(SilenceDetector.LOST_AFTER.plusSeconds(1));
    watch.look();
    assertThat(work.status(order.job())).isEqualTo("failed");
  }

  @Test
  void a_late_word_of_an_earlier_life_changes_nothing() {
    long earlier = agent.epoch();
    agent.open(List.of());

    assertThat(end(earlier)).isEqualTo(410);

    assertThat(host("/state")).isEqualTo("online");
    assertThat(agent.claim(TestAgent.newClaimId(), 1)).isEmpty();
  }

  @Test
  void it_may_be_said_twice_and_is_the_last_word() {
    work.post(task);
    assertThat(end(agent.epoch())).isEqualTo(204);
    assertThat(end(agent.epoch())).isEqualTo(204);

    long epoch = agent.epoch();
    var claim =
        new Claim(epoch, TestAgent.newClaimId(), 1, List.of(), Claim.Heard.SYNC, null, null);
    assertThat(agent.say("claims", claim).status()).isEqualTo(410);
    assertThat(agent.say("sync", new Sync(epoch, true)).status()).isEqualTo(410);
    assertThat(agent.say("heartbeat", new Heartbeat(epoch, List.of(), Duration.ZERO)).status())
        .isEqualTo(410);
    assertThat(host("/state")).isEqualTo("offline");
  }

  @Test
  void nobody_is_said_to_claim_a_job_at_once_whose_agent_was_killed() {
    var waits = work.post(task);
    var pooled = work.post(work.taskIn(work.pool(agent), Map.of()));

    clock.jump(Duration.ofSeconds(41));

    assertThat(work.why(waits)).isEqualTo("host_offline");
    assertThat(work.why(pooled)).isEqualTo("pool_offline");
  }

  @Test
  void an_agent_that_does_not_listen_is_not_said_to_claim_at_once() {
    agent.say("sync", new Sync(agent.epoch(), false));
    var waits = work.post(task);
    assertThat(work.job(waits).at("/why/message").asString()).doesNotContain("at once");

    agent.say("sync", new Sync(agent.epoch(), true));

    assertThat(work.job(waits).at("/why/message").asString()).contains("at once");
  }

  private WorkOrder running() {
    work.post(task);
    var order = agent.claimOne();
    agent.started(order);
    return order;
  }

  private static RunningAttempt running(WorkOrder order) {
    return new RunningAttempt(order.job(), order.attempt(), order.claim(), true);
  }

  private int end(long epoch) {
    return agent.say("session/end", new SessionEnd(epoch)).status();
  }

  private String host(String pointer) {
    return supervisor.get("/acme/host/" + agent.host()).body().at(pointer).asString();
  }

  private boolean isListed(String state) {
    return supervisor
        .get("/acme/host?state=" + state)
        .body()
        .findValuesAsString("id")
        .contains(agent.host());
  }
}
