package io.capataz.agent.process;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** What a run has printed so far, wherever its keeper stores it. */
final class Printed {

  private static final int MOST = 1 << 24;

  private Printed() {}

  static String out(Path run) throws IOException {
    try (var output = CapturedOutput.open(run)) {
      return text(output.stdout());
    }
  }

  static String err(Path run) throws IOException {
    try (var output = CapturedOutput.open(run)) {
      return text(output.stderr());
    }
  }

  private static String text(CapturedStream stream) throws IOException {
    return new String(stream.read(0, MOST), StandardCharsets.UTF_8);
  }
}
