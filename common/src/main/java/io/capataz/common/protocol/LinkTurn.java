package io.capataz.common.protocol;

import static java.util.Objects.requireNonNull;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What an agent says on its link, {@code GET /agent/v1/link?epoch=}, a WebSocket. One turn at a
 * time waits for its answer; meanwhile the next one gathers. So a turn goes out at once when
 * nothing else is going on, and carries much when much is.
 *
 * <p>A turn whose answer never came was taken or not. What it carried is sent again, by the next
 * link or by the calls that exist for each of its parts, and is idempotent by its fence.
 *
 * @param turn counted from 1 in each link
 * @param claim the agent's standing claim as it is now
 * @param reports about its attempts, taken in this order
 * @param heartbeat what it runs; the one of the call, which is never held here. Null: not now
 */
public record LinkTurn(
    long turn, StandingClaim claim, List<AttemptReport> reports, @Nullable Heartbeat heartbeat) {

  /** The most bytes one turn may have. What would be longer goes by the call that is for it. */
  public static final int MAX_BYTES = 1024 * 1024;

  public LinkTurn {
    requireNonNull(claim);
    reports = List.copyOf(reports);
  }

  /**
   * The answer, sent after all of it is in the store.
   *
   * @param turn the number of the turn
   * @param reports one answer for each report, in the same order
   * @param heartbeat the answer to the heartbeat; null if there was none
   */
  public record Answer(
      long turn, List<AttemptReport.Answer> reports, Heartbeat.@Nullable Answer heartbeat) {}
}
