package io.capataz.agent.journal;

import io.capataz.common.protocol.AttemptId;
import io.capataz.common.protocol.RunningAttempt;
import java.util.List;

/**
 * What an agent still holds of its earlier life, as it says when it opens its session.
 *
 * @param running attempts that run, or have ended and were not reported
 * @param claims of which it did not use all that was granted, and that it will make again
 * @param lost attempts under these claims that may have been started, and of which nothing is known
 */
public record HeldRuns(List<RunningAttempt> running, List<String> claims, List<AttemptId> lost) {

  /** A first life. */
  public static final HeldRuns NONE = new HeldRuns(List.of(), List.of(), List.of());

  public HeldRuns {
    running = List.copyOf(running);
    claims = List.copyOf(claims);
    lost = List.copyOf(lost);
  }
}
