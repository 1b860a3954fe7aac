package io.capataz.supervisor.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import io.capataz.common.protocol.AttemptId;
import io.capataz.common.protocol.Claim;
import io.capataz.common.protocol.MessageJson;
import io.capataz.common.protocol.Outcome;
import io.capataz.common.protocol.RunningAttempt;
import io.capataz.common.protocol.WorkOrder;
import io.capataz.supervisor.TestAgent;
import io.capataz.supervisor.TestSupervisor;
import io.capataz.supervisor.TestWork;
import io.capataz.supervisor.job.Jobs;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.node.ObjectNode;

/** What becomes of an agent's attempts when its process dies and another one begins. */
class ComingBackTest {

  private final TestSupervisor supervisor = TestSupervisor.shared();
  private final TestWork work = new TestWork(supervisor);
  private final TestAgent agent = TestAgent.enrolled(supervisor);
  private final String task = work.taskOn(agent, Map.of());
  private final String claim = TestAgent.newClaimId();

  @Test
  void what_was_claimed_and_not_begun_is_asked_for_again_and_runs_once() {
    var order = claimed(1).getFirst();

    assertThat(agent.open(List.of(), List.of(claim)).forget()).isEmpty();
    assertThat(work.status(order.job())).isEqualTo("assigned");

    assertThat(agent.claim(claim, 1)).containsExactly(order);
    agent.started(order);
    agent.end(order, new Outcome.Succeeded());
    assertThat(work.job(order.job()).at("/history").findValuesAsString("move"))
        .containsExactly("assign", "start", "succeed");
  }

  @Test
  void what_was_begun_and_is_not_known_any_more_is_lost_and_not_given_again() {
    var orders = claimed(2);
    var begun = orders.getFirst();

    agent.open(List.of(), List.of(claim), begun.attemptId());

    assertThat(work.status(begun.job())).isEqualTo("failed");
    assertThat(work.job(begun.job()).at("/outcome/type").asString()).isEqualTo("lost");
    assertThat(agent.claim(claim, 2)).containsExactly(orders.getLast());
  }

  @Test
  void a_claim_that_was_answered_is_not_decided_anew_by_a_call_that_was_overtaken() {
    assertThat(agent.claim(claim, 1)).isEmpty();
    var job = work.post(task);

    assertThat(agent.claim(claim, 1)).as("nobody listens to that answer").isEmpty();

    assertThat(work.status(job)).isEqualTo("ready");
    assertThat(agent.claim(TestAgent.newClaimId(), 1)).hasSize(1);
  }

  @Test
  void a_run_whose_keeper_was_killed_is_lost() {
    var order = claimed(1).getFirst();
    agent.started(order);

    assertThat(agent.end(order, new Outcome.Lost("Its keeper was killed.")).status())
        .isEqualTo(204);
    assertThat(agent.end(order, new Outcome.Lost("Its keeper was killed.")).status())
        .as("said twice")
        .isEqualTo(204);

    assertThat(work.status(order.job())).isEqualTo("failed");
    assertThat(work.job(order.job()).at("/outcome/type").asString()).isEqualTo("lost");
    assertThat(work.job(order.job()).at("/outcome/reason").asString())
        .isEqualTo("Its keeper was killed.");
  }

  @Test
  void where_a_second_run_does_no_harm_it_is_tried_again_under_another_claim() {
    var again = work.taskOn(agent, Map.of("max_attempts", 2, "on_lost", "retry", "retry_delay", 0));
    var job = work.post(again);
    var order = agent.claim(claim, 1).getFirst();

    agent.open(List.of(), List.of(claim), order.attemptId());

    assertThat(work.status(job)).isEqualTo("scheduled");
    assertThat(agent.claim(claim, 1)).isEmpty();
  }

  @Test
  void what_it_asks_for_again_and_what_it_still_runs_are_two_things() {
    var orders = claimed(2);
    var runs = orders.getFirst();
    agent.started(runs);

    var opened =
        agent.open(
            List.of(new RunningAttempt(runs.job(), runs.attempt(), claim, true)), List.of(claim));

    assertThat(opened.forget()).isEmpty();
    assertThat(agent.claim(claim, 1))
        .describedAs("what is known to run is not given again")
        .containsExactly(orders.getLast());
    assertThat(agent.end(runs, new Outcome.Succeeded()).status()).isEqualTo(204);
  }

  @Test
  void what_was_reported_to_run_and_is_not_known_any_more_is_lost_by_the_first_heartbeat() {
    var order = claimed(1).getFirst();
    agent.started(order);
    agent.open(List.of(), List.of(claim));

    assertThat(agent.claim(claim, 1)).isEmpty();
    agent.beat(Duration.ZERO);

    assertThat(work.status(order.job())).isEqualTo("failed");
  }

  @Test
  void a_claim_that_is_named_and_never_made_again_is_lost_by_the_first_heartbeat() {
    var order = claimed(1).getFirst();
    agent.open(List.of(), List.of(claim));

    agent.beat(Duration.ZERO);

    assertThat(work.status(order.job())).isEqualTo("failed");
  }

  @Test
  void what_was_given_again_is_the_new_sessions_own() {
    var order = claimed(1).getFirst();
    agent.open(List.of(), List.of(claim));
    agent.claim(claim, 1);

    agent.beat(Duration.ZERO);

    assertThat(work.status(order.job()))
        .describedAs("the answer may still be on its way")
        .isEqualTo("assigned");
    agent.open(List.of(), List.of());
    assertThat(work.status(order.job())).isEqualTo("failed");
  }

  @Test
  void what_was_given_again_since_it_was_read_is_not_given_up() {
    var order = claimed(1).getFirst();
    var jobs = supervisor.context().getBean(Jobs.class);
    var read = jobs.find("acme", order.job()).orElseThrow();
    agent.open(List.of(), List.of(claim));
    agent.claim(claim, 1);

    assertThat(jobs.lose(read, "too late")).isEmpty();

    assertThat(work.status(order.job())).isEqualTo("assigned");
  }

  @Test
  void what_a_later_session_was_given_is_not_given_to_an_older_one() {
    var order = claimed(1).getFirst();
    var older = agent.epoch();
    agent.open(List.of(), List.of(claim));
    agent.claim(claim, 1);
    var jobs = supervisor.context().getBean(Jobs.class);
    var read = jobs.find("acme", order.job()).orElseThrow();

    assertThat(jobs.grantAgain(read, older)).isEmpty();
    assertThat(
            agent
                .say("claims", new Claim(older, claim, 1, List.of(), Claim.Heard.SYNC, null, null))
                .status())
        .isEqualTo(410);
  }

  @Test
  void an_opening_that_is_slow_does_not_lose_what_a_later_session_holds() {
    var older = agent.epoch();
    agent.open(List.of());
    var order = claimed(1).getFirst();

    supervisor
        .context()
        .getBean(Reports.class)
        .reconcile(agent.host(), older, TestAgent.opening(List.of(), List.of(), List.of()));

    assertThat(work.status(order.job())).isEqualTo("assigned");
  }

  @Test
  void a_claim_of_which_nothing_was_granted_gets_what_is_next() {
    agent.open(List.of(), List.of(claim));

    var order = claimed(1).getFirst();

    assertThat(order.attempt()).isEqualTo(1);
  }

  @Test
  void what_somebody_wants_to_end_is_given_again_and_ends() {
    var order = claimed(1).getFirst();
    supervisor.put("/acme/job/" + order.job() + "/cancel");

    agent.open(List.of(), List.of(claim));

    assertThat(agent.claim(claim, 1)).containsExactly(order);
    assertThat(agent.beat(Duration.ZERO, order).stop()).containsExactly(order.attemptId());
    agent.end(order, new Outcome.Canceled());
    assertThat(work.status(order.job())).isEqualTo("canceled");
  }

  @Test
  void what_was_to_end_and_is_lost_has_ended() {
    var order = claimed(1).getFirst();
    supervisor.put("/acme/job/" + order.job() + "/cancel");

    agent.open(List.of(), List.of(claim), order.attemptId());

    assertThat(work.status(order.job())).isEqualTo("canceled");
  }

  @Test
  void another_agents_claim_is_of_no_use() {
    var order = claimed(1).getFirst();
    var stranger = TestAgent.enrolled(supervisor);

    stranger.open(List.of(), List.of(claim));

    assertThat(stranger.claim(claim, 1)).isEmpty();
    assertThat(work.status(order.job())).isEqualTo("assigned");
  }

  @ParameterizedTest
  @ValueSource(strings = {"running", "claims", "lost"})
  void a_list_that_is_too_long_is_400_and_the_session_goes_on(String list) {
    var running = new RunningAttempt("x", 1, "y", true);
    var answer =
        agent.say(
            "session",
            TestAgent.opening(
                Collections.nCopies(list.equals("running") ? 10_001 : 0, running),
                IntStream.range(0, list.equals("claims") ? 10_001 : 0)
                    .mapToObj(i -> "claim " + i)
                    .toList(),
                Collections.nCopies(list.equals("lost") ? 10_001 : 0, new AttemptId("x", 1))));

    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.text("/errors/0/pointer")).isEqualTo("/" + list);
    assertThat(claimed(1)).hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"claims\": [null]}",
        "{\"claims\": [{}]}",
        "{\"claims\": \"all\"}",
        "{\"lost\": [null]}",
        "{\"lost\": [{\"job\": \"x\", \"number\": 0}]}",
        "{\"lost\": [{\"number\": 1}]}",
        "{\"lost\": {\"job\": \"x\"}}"
      })
  void nonsense_is_400_and_loses_nothing(String nonsense) {
    var order = claimed(1).getFirst();
    ObjectNode opening =
        MessageJson.mapper().valueToTree(TestAgent.opening(List.of(), List.of(claim), List.of()));
    opening.setAll((ObjectNode) MessageJson.mapper().readTree(nonsense));

    assertThat(agent.say("session", opening).status()).isEqualTo(400);

    assertThat(work.status(order.job())).isEqualTo("assigned");
  }

  private List<WorkOrder> claimed(int jobs) {
    for (var i = 0; i < jobs; i++) {
      work.post(task);
    }
    var orders = agent.claim(claim, jobs);
    assertThat(orders).hasSize(jobs);
    return orders;
  }
}
