package io.capataz.common.protocol;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.util.List;

/**
 * {@code POST /agent/v1/heartbeat}: the agent lives, and this is what it runs. One per agent. The
 * supervisor may hold the call open until there is something to say, so that it arrives at once.
 *
 * @param epoch the session's epoch
 * @param running all attempts it holds
 * @param hold for how long the agent will wait for an answer that has something to say
 */
public record Heartbeat(long epoch, List<RunningAttempt> running, Duration hold) {
  public Heartbeat {
    running = List.copyOf(running);
    requireNonNull(hold);
  }

  /**
   * The answer.
   *
   * @param next call again after this long at the latest
   * @param stop attempts to be stopped: SIGTERM, grace, SIGKILL, then report {@link
   *     Outcome.Canceled}
   * @param forget attempts that are no longer this agent's: stop them and never report
   */
  public record Answer(Duration next, List<AttemptId> stop, List<AttemptId> forget) {
    public Answer {
      stop = List.copyOf(stop);
      forget = List.copyOf(forget);
    }
  }
}
