package io.capataz.supervisor.link;

import static org.assertj.core.api.Assertions.assertThat;

import io.capataz.common.protocol.Bytes;
import io.capataz.common.protocol.Claim;
import io.capataz.common.protocol.Claim.Heard;
import io.capataz.common.protocol.LinkOrders;
import io.capataz.common.protocol.StandingClaim;
import io.capataz.common.protocol.WorkOrder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What an agent's standing claim allows, while its words and its orders cross. */
class StandingGrantsTest {

  private final StandingGrants grants = new StandingGrants(1);
  private final List<String> otherwise = new ArrayList<>();

  private static String id(int number) {
    return "claim-0123456789-" + number;
  }

  private boolean say(int free, long received, boolean more, String... offered) {
    return grants.update(
        new StandingClaim(List.of(offered), free, received, List.of(), more, Heard.SYNC, 32_768));
  }

  private boolean offer(String job) {
    return grants.offer(job, () -> otherwise.add(job));
  }

  private static Claim.Answer granted(boolean more, String... jobs) {
    return new Claim.Answer(
        List.of(jobs).stream()
            .map(
                job ->
                    new WorkOrder(
                        new WorkOrder.Grant(job, 1, id(1)),
                        new WorkOrder.Owner("acme", "t", "task"),
                        new WorkOrder.ScriptText("x.sh", "sha256:0", null, Bytes.utf8("")),
                        List.of(),
                        Map.of(),
                        Duration.ofMinutes(1),
                        Duration.ofSeconds(1),
                        null,
                        WorkOrder.Handling.USUAL,
                        List.of(),
                        List.of(),
                        List.of()))
            .toList(),
        more);
  }

  @Test
  void orders_under_way_take_room_until_the_agent_says_that_it_has_them() {
    assertThat(say(2, 0, false, id(1), id(2), id(3))).isTrue();
    assertThat(offer("a")).isTrue();
    var round = grants.next().orElseThrow();
    assertThat(round.claim().free()).isEqualTo(2);
    assertThat(round.claim().jobs()).containsExactly("a");
    assertThat(grants.granted(round, granted(false, "a"))).map(LinkOrders::number).hasValue(1L);
    assertThat(grants.room()).isEqualTo(1);

    say(2, 0, false);
    assertThat(grants.room()).isEqualTo(1);
    say(1, 1, false);
    assertThat(grants.room()).isEqualTo(1);
    say(2, 1, false);
    assertThat(grants.room()).isEqualTo(2);
  }

  @Test
  void a_claim_is_used_for_one_grant_and_stays_if_nothing_was_granted() {
    say(4, 0, true, id(1), id(2));
    var nothing = grants.next().orElseThrow();
    assertThat(grants.granted(nothing, granted(false))).isEmpty();
    assertThat(grants.next()).isEmpty();

    grants.moreWaits();
    var same = grants.next().orElseThrow();
    assertThat(same.claim().claim()).isEqualTo(id(1));
    var _ = grants.granted(same, granted(true, "a"));
    assertThat(grants.next().orElseThrow().claim().claim()).isEqualTo(id(2));
  }

  @Test
  void what_becomes_known_during_a_grant_is_not_forgotten() {
    say(1, 0, true, id(1), id(2));
    var round = grants.next().orElseThrow();
    // It came after the store was asked.
    grants.moreWaits();
    var _ = grants.granted(round, granted(false));

    assertThat(grants.isWanted()).isTrue();
  }

  @Test
  void a_job_for_which_there_is_no_room_is_left_to_others_and_remembered_as_more() {
    say(1, 0, false, id(1), id(2));
    assertThat(offer("a")).isTrue();
    assertThat(offer("b")).isFalse();
    var round = grants.next().orElseThrow();
    // More waits than is named, so the order of the queue decides.
    assertThat(round.claim().jobs()).isEmpty();
    StandingGrants.otherwise(round, granted(true, "b").orders()).forEach(Runnable::run);
    assertThat(otherwise).containsExactly("a");
  }

  @Test
  void what_an_agent_may_say_is_bounded() {
    assertThat(say(-1, 0, false)).isFalse();
    assertThat(say(1, 1, false)).isFalse();
    assertThat(say(1, 0, false, "short")).isFalse();
    var ids =
        IntStream.rangeClosed(1, StandingGrants.MOST_OFFERED + 1)
            .mapToObj(StandingGrantsTest::id)
            .toArray(String[]::new);
    assertThat(say(1, 0, false, ids)).isFalse();
  }

  @Test
  void at_its_end_what_was_to_be_named_is_announced() {
    say(2, 0, false, id(1));
    offer("a");
    grants.end().forEach(Runnable::run);
    assertThat(otherwise).containsExactly("a");
    assertThat(offer("b")).isFalse();
    assertThat(grants.isWanted()).isFalse();
  }
}
