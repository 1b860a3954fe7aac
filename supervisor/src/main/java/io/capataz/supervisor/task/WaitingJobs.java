package io.capataz.supervisor.task;

/** The jobs of a task that wait; those who keep jobs serve it. */
public interface WaitingJobs {

  /** Cancels what waits to be run; what an agent has goes on. */
  void cancelWaiting(String organization, String task, String by);
}
