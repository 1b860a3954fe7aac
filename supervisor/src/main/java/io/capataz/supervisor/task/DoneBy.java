package io.capataz.supervisor.task;

/** Who does the work of a job; this decides where its life begins and which moves it may make. */
public enum DoneBy {
  /** An agent claims it and runs its script. */
  AGENT,
  /** A supervisor claims it and makes a call or sends a message. */
  SUPERVISOR,
  /** It is held until people have decided. */
  PEOPLE,
  /** It ends when its time has come. */
  CLOCK;

  /** Whether it waits in a queue and has attempts. */
  public boolean hasAttempts() {
    return this == AGENT || this == SUPERVISOR;
  }
}
