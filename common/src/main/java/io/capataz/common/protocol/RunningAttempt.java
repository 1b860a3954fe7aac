package io.capataz.common.protocol;

import static java.util.Objects.requireNonNull;

/**
 * An attempt that an agent holds, as it says in a session request and in every heartbeat.
 *
 * @param job the job's id
 * @param attempt the attempt's number
 * @param claim the claim id under which it was granted
 * @param started whether its script has been started
 */
public record RunningAttempt(String job, int attempt, String claim, boolean started) {
  public RunningAttempt {
    requireNonNull(job);
    requireNonNull(claim);
    if (attempt < 1) {
      throw new IllegalArgumentException("Attempts are counted from 1, not " + attempt + ".");
    }
  }
}
