package io.capataz.helm;

import io.capataz.testing.Missing;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Prometheus' own checker, as Debian's package {@code prometheus} brings it. */
final class Promtool {

  /** What it said, and whether it was content. */
  record Answer(int code, String text) {}

  private Promtool() {}

  /** Skips the calling test where it is not installed. */
  static Answer run(Path folder, String... arguments) throws IOException, InterruptedException {
    var command = new ArrayList<>(List.of("promtool"));
    command.addAll(List.of(arguments));
    Missing.unlessOrFailInCi(
        isThere(),
        "promtool is not installed (Debian's package prometheus); alert rules and dashboards are"
            + " not evaluated");
    var process =
        new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true).start();
    var text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Answer(process.waitFor(), text);
  }

  private static boolean isThere() {
    for (var folder : System.getenv().getOrDefault("PATH", "").split(":", -1)) {
      if (!folder.isEmpty() && Files.isExecutable(Path.of(folder, "promtool"))) {
        return true;
      }
    }
    return false;
  }
}
