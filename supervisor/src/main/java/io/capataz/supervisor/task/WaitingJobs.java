package io.capataz.supervisor.task;

/** The waiting jobs of a task; implemented by the module that stores jobs. */
public interface WaitingJobs {

  /** Cancels waiting jobs; running ones continue. */
  void cancelWaiting(String organization, String task, String by);
}
