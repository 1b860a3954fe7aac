package io.capataz.supervisor.dispatch;

import io.capataz.supervisor.job.Job;

/** The agents whose link is at this supervisor: what waits for them needs no announcement. */
public interface LinkedAgents {

  /**
   * Offers a job that has just become ready to the linked agents that may take it.
   *
   * @param otherwise called if none of them is granted it after all
   * @return whether one of them has a free slot and is being asked; else nothing was done
   */
  boolean offer(Job job, Runnable otherwise);
}
