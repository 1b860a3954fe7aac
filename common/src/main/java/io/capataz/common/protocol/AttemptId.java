package io.capataz.common.protocol;

import static java.util.Objects.requireNonNull;

/**
 * One try of a job on one agent. The number fences: whoever speaks for an older attempt is not
 * heard.
 *
 * @param job the job's id
 * @param number counted from 1
 */
public record AttemptId(String job, int number) {
  public AttemptId {
    requireNonNull(job);
    if (number < 1) {
      throw new IllegalArgumentException("Attempts are counted from 1, not " + number + ".");
    }
  }
}
