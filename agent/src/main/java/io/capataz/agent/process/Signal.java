package io.capataz.agent.process;

/** The signals that end a run. */
public enum Signal {
  SIGTERM(15),
  SIGKILL(9);

  private final int number;

  Signal(int number) {
    this.number = number;
  }

  int number() {
    return number;
  }
}
