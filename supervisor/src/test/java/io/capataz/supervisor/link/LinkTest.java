package io.capataz.supervisor.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.capataz.common.protocol.AttemptGivenBack;
import io.capataz.common.protocol.AttemptReport;
import io.capataz.common.protocol.AttemptStarted;
import io.capataz.common.protocol.Bytes;
import io.capataz.common.protocol.Claim.Heard;
import io.capataz.common.protocol.Heartbeat;
import io.capataz.common.protocol.LinkTurn;
import io.capataz.common.protocol.OutputReport;
import io.capataz.common.protocol.OutputReport.Chunk;
import io.capataz.common.protocol.OutputReport.Stream;
import io.capataz.common.protocol.RunningAttempt;
import io.capataz.common.protocol.StandingClaim;
import io.capataz.common.protocol.WorkOrder;
import io.capataz.supervisor.TestAgent;
import io.capataz.supervisor.TestSupervisor;
import java.net.http.WebSocketHandshakeException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;

/** The supervisor's end of links: what is granted and taken on them, and what ends them. */
class LinkTest {

  private static final TestSupervisor supervisor = TestSupervisor.shared();

  private final TestAgent agent = TestAgent.enrolled(supervisor);
  private final String task = task(Map.of("host_id", agent.host()));

  private static String task(Map<String, Object> where) {
    var task = new java.util.HashMap<String, Object>(where);
    task.put("name", "any");
    task.put("script", Map.of("filename", "x.sh", "content", "exit 0"));
    return supervisor.post("/acme/task", task).text("/id");
  }

  private String post() {
    return post(task);
  }

  private static String post(String task) {
    return supervisor.post("/acme/task/" + task + "/job", Map.of()).text("/id");
  }

  private static String wire(String job) {
    var answer = supervisor.get("/acme/job/" + job);
    return answer.text("/lifecycle") + "/" + answer.text("/state");
  }

  private static AttemptReport ended(WorkOrder order) {
    return AttemptReport.of(order.attemptId(), null, TestAgent.succeeded(order, 0));
  }

  private static OutputReport printed(WorkOrder order, long offset, String text) {
    return new OutputReport(
        order.claim(),
        List.of(new Chunk(Stream.STDOUT, offset, Duration.ofMillis(5), Bytes.utf8(text))));
  }

  @Test
  void a_job_is_granted_at_once_where_the_link_is_and_ends_with_its_output() throws Exception {
    try (var link = TestLink.open(supervisor, agent)) {
      link.say(link.claim(1));

      var job = post();

      var order = link.orders().orders().getFirst();
      assertThat(order.job()).isEqualTo(job);
      var answer =
          link.say(
              link.claim(1),
              AttemptReport.of(
                  order.attemptId(), printed(order, 0, "hello\n"), TestAgent.succeeded(order, 6)));
      assertThat(answer.reports()).singleElement().extracting("status").isEqualTo(200);
      assertThat(wire(job)).isEqualTo("finished/success");
      assertThat(supervisor.get("/acme/job/" + job + "/output").raw().body()).contains("hello");
      assertThat(supervisor.get("/acme/job/" + job).text("/started")).isNotEmpty();
      assertThat(heard(job)).isEqualTo("link");
    }
  }

  @Test
  void each_message_with_orders_uses_one_of_the_claims_that_were_offered() throws Exception {
    try (var link = TestLink.open(supervisor, agent)) {
      var claim = link.claim(4);
      link.say(claim);

      post();
      var first = link.orders();
      post();
      var second = link.orders();

      assertThat(claim.offered()).containsExactly(first.claim(), second.claim());
      assertThat(first.orders().getFirst().claim()).isEqualTo(first.claim());
      assertThat(List.of(first.number(), second.number())).containsExactly(1L, 2L);
      // There is room, but no claim is left.
      var third = post();
      assertThat(link.say(link.room(2)).reports()).isEmpty();
      assertThat(link.hasOrders()).isFalse();
      link.say(link.claim(2));
      assertThat(link.orders().orders().getFirst().job()).isEqualTo(third);
    }
  }

  @Test
  void orders_that_are_under_way_take_room_until_they_are_received() throws Exception {
    try (var link = TestLink.open(supervisor, agent)) {
      var behind = link.claim(1);
      link.say(behind);
      var first = post();
      assertThat(link.orders().orders().getFirst().job()).isEqualTo(first);
      var second = post();

      // Said before the order was received: it takes the one slot.
      link.say(
          new StandingClaim(
              List.of(TestAgent.newClaimId()), 1, 0, List.of(), true, Heard.SYNC, 32_768));
      assertThat(link.hasOrders()).isFalse();

      link.say(link.room(1));
      assertThat(link.orders().orders().getFirst().job()).isEqualTo(second);
    }
  }

  @Test
  void what_waits_already_is_granted_to_who_says_that_more_waits_or_names_it() throws Exception {
    var first = post();
    var second = post();
    try (var link = TestLink.open(supervisor, agent)) {
      link.say(link.claim(1, second));
      var named = link.orders().orders().getFirst();
      assertThat(named.job()).isEqualTo(second);

      link.say(
          new StandingClaim(
              List.of(TestAgent.newClaimId()), 1, 1, List.of(), true, Heard.SYNC, 32_768),
          ended(named));
      assertThat(link.orders().orders().getFirst().job()).isEqualTo(first);
      assertThat(heard(second)).isEqualTo("announcement");
      assertThat(heard(first)).isEqualTo("sync");
    }
  }

  private String heard(String job) {
    return supervisor.get("/acme/job/" + job).text("/heard");
  }

  @Test
  void a_slot_that_an_end_frees_is_filled_by_the_same_turn() throws Exception {
    try (var link = TestLink.open(supervisor, agent)) {
      link.say(link.claim(1));
      post();
      var order = link.orders().orders().getFirst();
      var next = post();

      var answer = link.turn(link.claim(1), null, ended(order));
      link.send(answer);

      assertThat(link.orders().orders().getFirst().job()).isEqualTo(next);
      assertThat(link.answer(answer.turn()).reports()).hasSize(1);
    }
  }

  @Test
  void once_a_claim_is_withdrawn_nothing_comes() throws Exception {
    try (var link = TestLink.open(supervisor, agent)) {
      link.say(link.claim(3));
      link.say(link.room(0));

      var job = post();

      link.say(link.room(0));
      assertThat(link.hasOrders()).isFalse();
      assertThat(wire(job)).isEqualTo("ready/in_progress");
    }
  }

  @Test
  void reports_sent_twice_are_taken_once_and_late_ones_are_refused() throws Exception {
    try (var link = TestLink.open(supervisor, agent)) {
      link.say(link.claim(1));
      var job = post();
      var order = link.orders().orders().getFirst();
      var started = AttemptReport.of(order.attemptId(), new AttemptStarted(order.claim(), 4711));
      var output = AttemptReport.of(order.attemptId(), printed(order, 0, "once\n"));
      var last =
          AttemptReport.of(
              order.attemptId(), printed(order, 0, "once\n"), TestAgent.succeeded(order, 5));

      var all = link.say(link.room(0), started, output, last, last, output, started);

      assertThat(all.reports())
          .extracting(AttemptReport.Answer::status)
          .containsExactly(200, 200, 200, 200, 200, 409);
      assertThat(supervisor.get("/acme/job/" + job + "/output").raw().body())
          .containsOnlyOnce("once");
      assertThat(wire(job)).isEqualTo("finished/success");
    }
  }

  @Test
  void a_turn_that_comes_twice_is_taken_once_and_answered_twice() throws Exception {
    try (var link = TestLink.open(supervisor, agent)) {
      link.say(link.claim(1));
      var job = post();
      var order = link.orders().orders().getFirst();
      var turn =
          link.turn(
              link.claim(1),
              null,
              AttemptReport.of(
                  order.attemptId(), printed(order, 0, "once\n"), TestAgent.succeeded(order, 5)));
      link.send(turn);
      link.send(turn);

      assertThat(link.answer(turn.turn())).isEqualTo(link.answer(turn.turn()));
      assertThat(wire(job)).isEqualTo("finished/success");
      assertThat(supervisor.get("/acme/job/" + job + "/output").raw().body())
          .containsOnlyOnce("once");
      // The claim ids that came twice are each used once.
      var used = new ArrayList<String>();
      for (var i = 0; i < 3; i++) {
        var next = post();
        var orders = link.orders();
        assertThat(orders.orders()).extracting(WorkOrder::job).containsExactly(next);
        used.add(orders.claim());
        link.say(link.room(1), ended(orders.orders().getFirst()));
      }
      assertThat(used).doesNotHaveDuplicates();
    }
  }

  @Test
  void a_turn_before_its_time_ends_the_link_and_is_said_again_by_the_next() throws Exception {
    WorkOrder order;
    try (var link = TestLink.open(supervisor, agent)) {
      link.say(link.claim(1));
      post();
      order = link.orders().orders().getFirst();
      var started = new AttemptStarted(order.claim(), 4711);
      // The turn before it was made, and has not been sent.
      var _ = link.turn(link.room(0), null, AttemptReport.of(order.attemptId(), started));
      link.send(link.turn(link.room(1), null, ended(order)));

      assertThat(link.closed()).isEqualTo(1008);
      assertThat(wire(order.job())).isEqualTo("assigned/in_progress");
    }
    try (var link = TestLink.open(supervisor, agent)) {
      assertThat(link.say(link.claim(1), ended(order)).reports())
          .extracting(AttemptReport.Answer::status)
          .containsExactly(200);
      assertThat(wire(order.job())).isEqualTo("finished/success");
    }
  }

  @Test
  void a_turn_that_was_cut_off_is_said_again_by_the_next_link_and_by_calls() throws Exception {
    WorkOrder order;
    try (var link = TestLink.open(supervisor, agent)) {
      link.say(link.claim(1));
      post();
      order = link.orders().orders().getFirst();
      link.send(link.turn(link.room(0), null, ended(order)));
      link.cut();
    }
    try (var link = TestLink.open(supervisor, agent)) {
      assertThat(link.say(link.claim(1), ended(order)).reports())
          .extracting(AttemptReport.Answer::status)
          .containsExactly(200);
    }
    assertThat(
            agent
                .say(
                    "jobs/" + order.job() + "/attempts/" + order.attempt() + "/end",
                    TestAgent.succeeded(order, 0))
                .status())
        .isEqualTo(204);
    assertThat(wire(order.job())).isEqualTo("finished/success");
  }

  @Test
  void an_end_before_which_output_is_missing_is_not_taken() throws Exception {
    try (var link = TestLink.open(supervisor, agent)) {
      link.say(link.claim(1));
      var job = post();
      var order = link.orders().orders().getFirst();

      var answer =
          link.say(
              link.room(0),
              AttemptReport.of(
                  order.attemptId(), printed(order, 3, "lo\n"), TestAgent.succeeded(order, 6)));

      assertThat(answer.reports().getFirst().output()).isEqualTo(new OutputReport.Answer(0, 0));
      assertThat(wire(job)).isEqualTo("assigned/in_progress");
    }
  }

  @Test
  void orders_that_were_lost_with_the_link_are_asked_for_by_their_claim() throws Exception {
    var link = TestLink.open(supervisor, agent);
    var claim = link.claim(1);
    link.say(claim);
    var job = post();
    await().until(() -> wire(job).equals("assigned/in_progress"));
    link.cut();

    var again = agent.again(claim.offered().getFirst());

    assertThat(again).singleElement().extracting(WorkOrder::job).isEqualTo(job);
    assertThat(agent.again(claim.offered().getLast())).isEmpty();
  }

  @Test
  void a_claim_that_was_asked_for_is_no_longer_granted_on_a_link_that_seems_to_live()
      throws Exception {
    try (var link = TestLink.open(supervisor, agent)) {
      var claim = link.claim(2);
      link.say(claim);
      claim.offered().forEach(id -> assertThat(agent.again(id)).isEmpty());

      var job = post();

      link.say(link.room(2));
      assertThat(link.hasOrders()).isFalse();
      assertThat(agent.claim(TestAgent.newClaimId(), 1)).extracting(WorkOrder::job).contains(job);
    }
  }

  @Test
  void what_is_given_back_waits_again() throws Exception {
    try (var link = TestLink.open(supervisor, agent)) {
      link.say(link.claim(1));
      var job = post();
      var order = link.orders().orders().getFirst();

      link.say(
          link.room(0),
          AttemptReport.of(order.attemptId(), new AttemptGivenBack(order.claim(), "going down")));

      assertThat(wire(job)).isEqualTo("ready/in_progress");
    }
  }

  @Test
  void a_stop_is_pushed_and_told_again_until_it_is_reported() throws Exception {
    try (var link = TestLink.open(supervisor, agent)) {
      link.say(link.claim(1));
      var job = post();
      var order = link.orders().orders().getFirst();
      link.say(
          link.room(0),
          AttemptReport.of(order.attemptId(), new AttemptStarted(order.claim(), 4711)));

      supervisor.put("/acme/job/" + job + "/cancel");

      assertThat(link.stops().stop()).containsExactly(order.attemptId());
      assertThat(link.stops().stop()).containsExactly(order.attemptId());
      assertThat(
              link.beat(
                      new Heartbeat(
                          agent.epoch(),
                          List.of(
                              new RunningAttempt(
                                  order.job(), order.attempt(), order.claim(), true)),
                          Duration.ofMinutes(1)))
                  .heartbeat())
          .extracting(Heartbeat.Answer::stop)
          .isEqualTo(List.of(order.attemptId()));
    }
  }

  @Test
  void a_job_for_a_pool_goes_to_a_linked_host_of_it() throws Exception {
    var pool =
        supervisor
            .post(
                "/acme/pool",
                Map.of("name", "pool-" + agent.host(), "hosts", List.of(agent.host())))
            .text("/id");
    var pooled = task(Map.of("pool", pool));
    try (var link = TestLink.open(supervisor, agent);
        var other = TestLink.open(supervisor, TestAgent.enrolled(supervisor))) {
      link.say(link.claim(1));
      other.say(other.claim(4));

      var job = post(pooled);

      assertThat(link.orders().orders().getFirst().job()).isEqualTo(job);
      other.say(other.room(4));
      assertThat(other.hasOrders()).isFalse();
    }
  }

  @Test
  void a_host_that_takes_no_jobs_is_granted_none_and_gets_them_once_it_is_enabled()
      throws Exception {
    try (var link = TestLink.open(supervisor, agent)) {
      supervisor.put("/acme/host/" + agent.host() + "/disable");
      link.say(link.claim(1));
      var job = post();
      link.say(link.room(1));
      assertThat(link.hasOrders()).isFalse();

      supervisor.put("/acme/host/" + agent.host() + "/enable");

      assertThat(link.orders().orders().getFirst().job()).isEqualTo(job);
    }
  }

  @Test
  void a_newer_session_a_removed_host_and_a_newer_link_end_it() throws Exception {
    var older = TestLink.open(supervisor, agent);
    var link = TestLink.open(supervisor, agent);
    assertThat(older.closed()).isEqualTo(1001);
    link.say(link.claim(1));
    agent.open(List.of());
    var begun = System.nanoTime();
    assertThat(link.closed()).isEqualTo(Link.SESSION_OVER);
    assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(5));

    var last = TestLink.open(supervisor, agent);
    supervisor.ask("DELETE", "/acme/host/" + agent.host() + "?force=true", null);
    assertThat(last.closed()).isEqualTo(Link.SESSION_OVER);
  }

  @Test
  void nothing_is_granted_under_a_revoked_credential_even_before_the_link_is_closed()
      throws Exception {
    try (var link = TestLink.open(supervisor, agent)) {
      link.say(link.claim(1));
      agent.open(List.of());

      var job = post();

      assertThat(link.closed()).isEqualTo(Link.SESSION_OVER);
      assertThat(link.hasOrders()).isFalse();
      assertThat(agent.claim(TestAgent.newClaimId(), 1)).extracting(WorkOrder::job).contains(job);
    }
  }

  @Test
  void only_an_agent_with_its_current_session_opens_one() {
    assertThat(refusal(() -> TestLink.open(supervisor, agent.credential(), agent.epoch() + 1)))
        .isEqualTo(410);
    assertThat(refusal(() -> TestLink.open(supervisor, supervisor.token(), agent.epoch())))
        .isEqualTo(403);
    assertThat(refusal(() -> TestLink.open(supervisor, "cpz_ag_nonsense", agent.epoch())))
        .isEqualTo(401);
    assertThat(
            supervisor.getAs(agent.credential(), "/agent/v1/link?epoch=" + agent.epoch()).status())
        .isEqualTo(400);
  }

  private static int refusal(Runnable opening) {
    var status = new int[1];
    assertThatThrownBy(opening::run)
        .isInstanceOf(CompletionException.class)
        .satisfies(
            e -> {
              assertThat(e.getCause()).isInstanceOf(WebSocketHandshakeException.class);
              status[0] = ((WebSocketHandshakeException) e.getCause()).getResponse().statusCode();
            });
    return status[0];
  }

  @Test
  void who_breaks_the_rules_is_cut_off() throws Exception {
    var nonsense = TestLink.open(supervisor, agent);
    nonsense.sendBytes("{\"turn\":".getBytes(java.nio.charset.StandardCharsets.UTF_8));
    assertThat(nonsense.closed()).isEqualTo(1007);

    var tooLong = TestLink.open(supervisor, agent);
    var _ = tooLong.canSend(new byte[LinkTurn.MAX_BYTES + 1]);
    assertThat(tooLong.closed()).isEqualTo(1009);

    var greedy = TestLink.open(supervisor, agent);
    var turns = 0;
    while (turns < 9 && greedy.canSend(greedy.turn(greedy.claim(1), null))) {
      turns++;
    }
    assertThat(greedy.closed()).isEqualTo(1008);
  }
}
