package io.capataz.agent.process;

import java.util.Arrays;
import java.util.Optional;

/** The signals that can be sent to a run. */
public enum Signal {
  SIGHUP(1),
  SIGINT(2),
  SIGQUIT(3),
  SIGKILL(9),
  SIGUSR1(10),
  SIGUSR2(12),
  SIGTERM(15);

  private final int number;

  Signal(int number) {
    this.number = number;
  }

  int number() {
    return number;
  }

  /** The signal of a name such as {@code SIGTERM}. */
  public static Optional<Signal> named(String name) {
    return Arrays.stream(values()).filter(signal -> signal.name().equals(name)).findFirst();
  }
}
