package io.capataz.agent.link;

import java.time.Duration;

/** Takes the jobs announced for a pool. */
public interface PoolListener {

  /** Waits until a job could be taken. */
  void awaitFreeSlot() throws InterruptedException;

  /**
   * Claims this job.
   *
   * @return true once it is decided whether the job is this agent's; false if that is not known in
   *     time or no slot is free, so that another agent should get the announcement
   */
  boolean take(String job, Duration patience) throws InterruptedException;
}
