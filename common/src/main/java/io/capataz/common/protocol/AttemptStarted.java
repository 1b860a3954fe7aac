package io.capataz.common.protocol;

import static java.util.Objects.requireNonNull;

/**
 * {@code POST /agent/v1/jobs/{job}/attempts/{attempt}/started}: the script runs. Safe to repeat.
 *
 * @param claim the attempt's claim id
 * @param pid the script's process id on its host
 */
public record AttemptStarted(String claim, long pid) {
  public AttemptStarted {
    requireNonNull(claim);
  }
}
