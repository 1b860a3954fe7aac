package io.capataz.cli.api;

import io.capataz.cli.terminal.ExitCode;
import io.capataz.cli.terminal.Failure;
import java.time.Duration;

/** Waits between two tries. */
final class Naps {

  private Naps() {}

  static void take(Duration time) {
    try {
      Thread.sleep(time);
    } catch (InterruptedException e) {
      throw interrupted();
    }
  }

  static Failure interrupted() {
    Thread.currentThread().interrupt();
    return new Failure(ExitCode.ofSignal(2), "Interrupted.");
  }
}
