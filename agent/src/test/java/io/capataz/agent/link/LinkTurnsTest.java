package io.capataz.agent.link;

import static org.assertj.core.api.Assertions.assertThat;

import io.capataz.common.protocol.AttemptId;
import io.capataz.common.protocol.AttemptReport;
import io.capataz.common.protocol.AttemptStarted;
import io.capataz.common.protocol.Claim.Heard;
import io.capataz.common.protocol.Heartbeat;
import io.capataz.common.protocol.LinkMessage;
import io.capataz.common.protocol.LinkOrders;
import io.capataz.common.protocol.LinkTurn;
import io.capataz.common.protocol.MessageJson;
import io.capataz.common.protocol.StandingClaim;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** One turn at a time, and what becomes of what is said when its answer does not come. */
class LinkTurnsTest {

  private static final AttemptReport.Answer KEPT = new AttemptReport.Answer(200, null, null);

  private final List<LinkTurn> sent = new ArrayList<>();
  private final List<LinkOrders> orders = new ArrayList<>();
  private int free = 4;

  private final LinkTurns turns =
      new LinkTurns(
          new LinkListener() {
            @Override
            public void opened() {}

            @Override
            public StandingClaim standing() {
              return new StandingClaim(List.of(), free, 0, List.of(), false, Heard.SYNC, 0);
            }

            @Override
            public void received(LinkOrders granted) {
              orders.add(granted);
            }

            @Override
            public void received(Heartbeat.Answer stops) {}

            @Override
            public void closed() {}
          },
          this::send);

  private CompletableFuture<?> send(ByteBuffer turn) {
    var bytes = new byte[turn.remaining()];
    turn.get(bytes);
    sent.add(MessageJson.read(bytes, LinkTurn.class));
    return CompletableFuture.completedFuture(null);
  }

  private CompletableFuture<Optional<AttemptReport.Answer>> start(int job) {
    return start(job, 1_000);
  }

  private CompletableFuture<Optional<AttemptReport.Answer>> start(int job, int bytes) {
    return turns.report(
        AttemptReport.of(new AttemptId("j" + job, 1), new AttemptStarted("claim-0123456789", job)),
        bytes);
  }

  private void answer(long turn, AttemptReport.Answer... reports) {
    turns.received(LinkMessage.of(new LinkTurn.Answer(turn, List.of(reports), null)));
  }

  @Test
  void the_first_goes_at_once_and_the_rest_gathers_until_it_is_answered() {
    var first = start(1);
    var second = start(2);
    var third = start(3);
    assertThat(sent).hasSize(1);

    answer(1, KEPT);

    assertThat(first).isCompletedWithValue(Optional.of(KEPT));
    assertThat(second).isNotDone();
    assertThat(sent).hasSize(2);
    assertThat(sent.get(1).reports()).extracting(AttemptReport::job).containsExactly("j2", "j3");
    var refused = new AttemptReport.Answer(409, "over", null);
    answer(2, KEPT, refused);
    assertThat(second).isCompletedWithValue(Optional.of(KEPT));
    assertThat(third).isCompletedWithValue(Optional.of(refused));
    assertThat(sent).hasSize(2);
  }

  @Test
  void an_answer_that_comes_twice_or_out_of_order_is_passed_over() {
    var first = start(1);
    var second = start(2);

    answer(2, KEPT);
    assertThat(first).isNotDone();
    answer(1, KEPT, KEPT);
    assertThat(first).isNotDone();

    answer(1, KEPT);
    answer(1, new AttemptReport.Answer(409, "over", null));
    assertThat(first).isCompletedWithValue(Optional.of(KEPT));
    assertThat(second).isNotDone();
  }

  @Test
  void when_the_connection_is_gone_everybody_is_told_that_nothing_is_known() {
    var inFlight = start(1);
    var waiting = start(2);
    var beat = turns.heartbeat(new Heartbeat(1, List.of(), Duration.ZERO));
    var asked = turns.ask();

    turns.end();

    assertThat(inFlight).isCompletedWithValue(Optional.empty());
    assertThat(waiting).isCompletedWithValue(Optional.empty());
    assertThat(beat).isCompletedWithValue(Optional.empty());
    assertThat(asked).isCompletedWithValue(false);
    assertThat(start(3)).isCompletedWithValue(Optional.empty());
    assertThat(turns.ask()).isCompletedWithValue(false);
    assertThat(sent).hasSize(1);
  }

  @Test
  void what_is_asked_for_is_what_holds_when_the_turn_goes_out() {
    var _ = start(1);
    free = 3;
    var asked = turns.ask();
    free = 2;

    answer(1, KEPT);

    assertThat(sent.get(1).claim().free()).isEqualTo(2);
    assertThat(asked).isNotDone();
    answer(2);
    assertThat(asked).isCompletedWithValue(true);
  }

  @Test
  void heartbeats_before_the_next_turn_are_one_the_last() {
    var _ = start(1);
    var one = turns.heartbeat(new Heartbeat(1, List.of(), Duration.ZERO));
    var other = turns.heartbeat(new Heartbeat(2, List.of(), Duration.ZERO));

    answer(1, KEPT);
    assertThat(sent.get(1).heartbeat()).isEqualTo(new Heartbeat(2, List.of(), Duration.ZERO));
    var answered = new Heartbeat.Answer(Duration.ofSeconds(10), List.of(), List.of());
    turns.received(LinkMessage.of(new LinkTurn.Answer(2, List.of(), answered)));

    assertThat(one).isCompletedWithValue(Optional.of(answered));
    assertThat(other).isCompletedWithValue(Optional.of(answered));
  }

  @Test
  void a_turn_stays_below_the_size_that_a_supervisor_takes() {
    IntStream.range(0, 10)
        .mapToObj(job -> start(job, 128 * 1024))
        .forEach(said -> assertThat(said).isNotDone());
    answer(1, KEPT);
    assertThat(sent.get(1).reports()).hasSize(4);
    answer(2, Collections.nCopies(4, KEPT).toArray(AttemptReport.Answer[]::new));
    assertThat(sent.get(2).reports()).hasSize(4);
  }
}
