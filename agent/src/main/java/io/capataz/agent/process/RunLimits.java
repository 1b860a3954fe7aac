package io.capataz.agent.process;

import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * The limits that a keeper enforces on a run.
 *
 * @param timeout time until the first signal
 * @param grace time from the first signal to SIGKILL
 * @param signal the first signal
 * @param mainFirst whether the first signal is sent to the started process only, or to all
 *     processes of the run
 * @param output bytes stored of each stream: the first and the last half of them
 * @param memory memory limit of all processes together; empty for none
 * @param processes maximum number of processes and threads; empty for none
 * @param resources limits of each process; empty for those of the agent
 */
public record RunLimits(
    Duration timeout,
    Duration grace,
    Signal signal,
    boolean mainFirst,
    long output,
    OptionalLong memory,
    OptionalInt processes,
    Optional<ResourceLimits> resources) {

  /** Without memory, process and resource limits. */
  RunLimits(Duration timeout, Duration grace, Signal signal, boolean mainFirst, long output) {
    this(
        timeout,
        grace,
        signal,
        mainFirst,
        output,
        OptionalLong.empty(),
        OptionalInt.empty(),
        Optional.empty());
  }

  /** Bytes stored from the beginning of a stream. */
  long head() {
    return output - tail();
  }

  /** Bytes stored from the end of a stream. */
  long tail() {
    return output / 2;
  }
}
