package io.capataz.agent.process;

import java.time.Duration;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * How a keeper looks after what it starts.
 *
 * @param timeout after this long it gets the first signal
 * @param grace after this much longer, whatever lives gets SIGKILL
 * @param signal the first signal
 * @param mainFirst whether the first signal goes to the started process alone; else to all it has
 *     started, too
 * @param output how many bytes of each stream are kept: the first and the last half of them
 * @param memory bytes that all of its processes together may use; empty: no limit
 * @param processes how many processes and threads it may have at once; empty: no limit
 */
public record RunLimits(
    Duration timeout,
    Duration grace,
    Signal signal,
    boolean mainFirst,
    long output,
    OptionalLong memory,
    OptionalInt processes) {

  /** Without limits. */
  RunLimits(Duration timeout, Duration grace, Signal signal, boolean mainFirst, long output) {
    this(timeout, grace, signal, mainFirst, output, OptionalLong.empty(), OptionalInt.empty());
  }

  /** Bytes from the beginning of a stream. */
  long head() {
    return output - tail();
  }

  /** Bytes from its end. */
  long tail() {
    return output / 2;
  }
}
