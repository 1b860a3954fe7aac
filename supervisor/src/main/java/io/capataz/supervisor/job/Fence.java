package io.capataz.supervisor.job;

import io.capataz.common.protocol.AttemptId;

/**
 * Identifies an attempt unambiguously: a claim id is random and known to one agent.
 *
 * @param attempt job and number
 * @param claim the claim id under which it was granted
 */
public record Fence(AttemptId attempt, String claim) {
  public static Fence of(String job, int attempt, String claim) {
    return new Fence(new AttemptId(job, attempt), claim);
  }
}
