package io.capataz.supervisor.link;

import static org.assertj.core.api.Assertions.assertThat;

import com.mongodb.event.CommandListener;
import com.mongodb.event.CommandStartedEvent;
import io.capataz.common.protocol.AttemptReport;
import io.capataz.common.protocol.Claim.Heard;
import io.capataz.common.protocol.LinkTurn;
import io.capataz.common.protocol.StandingClaim;
import io.capataz.common.protocol.WorkOrder;
import io.capataz.supervisor.TestAgent;
import io.capataz.supervisor.TestClock;
import io.capataz.supervisor.TestSupervisor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.bson.BsonDocument;
import org.junit.jupiter.api.Test;

/** Links of two agents end at two supervisors, and one of these stops in the middle of a turn. */
class TwoLinkedSupervisorsTest {

  private static final int SLOTS = 3;

  /** Holds a supervisor up at the second end of a turn. */
  private static final class InTheMiddle implements CommandListener {
    private final AtomicInteger ends = new AtomicInteger();
    private final CountDownLatch reached = new CountDownLatch(1);
    private final CountDownLatch goOn = new CountDownLatch(1);

    @Override
    public void commandStarted(CommandStartedEvent event) {
      if (isEnd(event) && ends.incrementAndGet() == 2) {
        reached.countDown();
        try {
          assertThat(goOn.await(20, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
        }
      }
    }

    private static boolean isEnd(CommandStartedEvent event) {
      return event.getCommandName().equals("findAndModify")
          && event
              .getCommand()
              .getDocument("update", new BsonDocument())
              .getDocument("$set", new BsonDocument())
              .containsKey("past.ending");
    }
  }

  private final InTheMiddle middle = new InTheMiddle();
  private final TestSupervisor one = TestSupervisor.observed(middle);
  private final TestSupervisor other = one.another(new TestClock());
  private final TestAgent stays = TestAgent.enrolled(one).through(other);
  private final TestAgent moves = TestAgent.enrolled(one);
  private final String task = task();

  private String task() {
    var pool =
        one.post("/acme/pool", Map.of("name", "both", "hosts", List.of(stays.host(), moves.host())))
            .text("/id");
    return one.post(
            "/acme/task",
            Map.of(
                "name",
                "any",
                "pool",
                pool,
                "script",
                Map.of("filename", "x.sh", "content", "exit 0")))
        .text("/id");
  }

  @Test
  void no_run_is_lost_and_none_is_started_twice() throws Exception {
    try (one;
        other;
        var there = TestLink.open(other, stays)) {
      var jobs = Stream.generate(this::post).limit(2 * SLOTS).toList();
      var link = TestLink.open(one, moves);
      link.say(whatWaits());
      var run = new ArrayList<>(link.orders().orders());
      assertThat(run).hasSize(SLOTS);
      var offered = whatWaits();

      closeInTheMiddle(link, link.turn(offered, null, ends(run)));

      // What was granted to it in its last moment, and what it has not been answered.
      var moved = moves.through(other);
      offered.offered().forEach(claim -> run.addAll(moved.again(claim)));
      try (var again = TestLink.open(other, moved)) {
        assertThat(again.say(again.room(0), ends(run)).reports())
            .extracting(AttemptReport.Answer::status)
            .containsOnly(200);
      }
      there.say(whatWaits());
      var rest = there.orders().orders();
      there.say(there.room(0), ends(rest));

      assertThat(Stream.concat(run.stream(), rest.stream()).map(WorkOrder::attemptId))
          .doesNotHaveDuplicates()
          .allSatisfy(attempt -> assertThat(attempt.number()).isEqualTo(1))
          .extracting("job")
          .containsExactlyInAnyOrderElementsOf(jobs);
      assertThat(jobs).extracting(this::status).containsOnly("succeeded");
    }
  }

  private String post() {
    return one.post("/acme/task/" + task + "/job", Map.of()).text("/id");
  }

  private String status(String job) {
    return other.get("/acme/job/" + job).text("/status");
  }

  private static StandingClaim whatWaits() {
    return new StandingClaim(
        List.of(TestAgent.newClaimId(), TestAgent.newClaimId()),
        SLOTS,
        0,
        List.of(),
        true,
        Heard.SYNC,
        32_768);
  }

  /** One of the ends is in the store when the supervisor closes, and nothing is answered. */
  private void closeInTheMiddle(TestLink link, LinkTurn turn) throws InterruptedException {
    link.send(turn);
    assertThat(middle.reached.await(20, TimeUnit.SECONDS)).isTrue();
    var closing = CompletableFuture.runAsync(one::close);
    assertThat(link.closed()).isEqualTo(Link.GOING_AWAY);
    assertThat(run(turn)).containsOnly("assigned", "succeeded");
    middle.goOn.countDown();
    closing.join();
  }

  private Stream<String> run(LinkTurn turn) {
    return turn.reports().stream().map(report -> status(report.job()));
  }

  private static AttemptReport[] ends(List<WorkOrder> orders) {
    return orders.stream()
        .map(order -> AttemptReport.of(order.attemptId(), null, TestAgent.succeeded(order, 0)))
        .toArray(AttemptReport[]::new);
  }
}
