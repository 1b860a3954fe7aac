package io.capataz.common.protocol;

import static java.util.Objects.requireNonNull;

/**
 * {@code POST /agent/v1/jobs/{job}/attempts/{attempt}/given-back}: the script was not started and
 * will not be, as when the agent goes down just then. The job waits again and this attempt does not
 * count. Safe to repeat.
 *
 * @param claim the attempt's claim id
 * @param reason one sentence for the person who reads the job
 */
public record AttemptGivenBack(String claim, String reason) {
  public AttemptGivenBack {
    requireNonNull(claim);
    requireNonNull(reason);
  }
}
