package io.capataz.agent.journal;

import io.capataz.common.protocol.AttemptId;
import io.capataz.common.protocol.RunningAttempt;
import java.util.List;

/**
 * What an agent holds of an earlier process, as reported when it opens its session.
 *
 * @param running attempts that are running, or have ended and are not reported
 * @param claims open claims, which will be repeated
 * @param lost attempts under these claims that may have started, and whose state is unknown
 */
public record HeldRuns(List<RunningAttempt> running, List<String> claims, List<AttemptId> lost) {

  /** No earlier runs. */
  public static final HeldRuns NONE = new HeldRuns(List.of(), List.of(), List.of());

  public HeldRuns {
    running = List.copyOf(running);
    claims = List.copyOf(claims);
    lost = List.copyOf(lost);
  }
}
