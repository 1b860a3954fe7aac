package io.capataz.agent.link;

import java.time.Duration;

/** Who does something about the jobs that wait for a pool. */
public interface PoolListener {

  /** Waits until a job could be taken. */
  void awaitFreeSlot() throws InterruptedException;

  /**
   * Asks the supervisor for this job.
   *
   * @return true once it is decided whether the job is this agent's; false if that cannot be known
   *     in time or no slot is free any more, so that another agent should hear of it
   */
  boolean take(String job, Duration patience) throws InterruptedException;
}
