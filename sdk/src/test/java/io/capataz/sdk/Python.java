package io.capataz.sdk;

import io.capataz.testing.Missing;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** The python3 of this machine. */
final class Python {

  static final Path SOURCES = Path.of("src", "main", "python").toAbsolutePath();

  private Python() {}

  /** What a program wrote on both streams, and its exit code. */
  record Ended(int code, String text) {}

  /** Runs it with the package on its path; skips the test loudly where there is no Python. */
  static Ended run(String... arguments) throws IOException {
    var command = new ArrayList<>(List.of(program().toString()));
    command.addAll(List.of(arguments));
    var builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().put("PYTHONPATH", SOURCES.toString());
    // The folder of sources stays free of what Python compiles.
    builder.environment().put("PYTHONDONTWRITEBYTECODE", "1");
    var process = builder.start();
    process.getOutputStream().close();
    var text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Ended(process.onExit().orTimeout(60, TimeUnit.SECONDS).join().exitValue(), text);
  }

  private static Path program() throws IOException {
    var found =
        Stream.of(System.getenv("PATH").split(":", -1))
            .filter(folder -> folder.startsWith("/"))
            .map(folder -> Path.of(folder, "python3"))
            .filter(Files::isExecutable)
            .findFirst();
    Missing.unlessOrFailInCi(
        found.isPresent(), "No python3 on the path: the Python package is not tested.");
    return found.orElseThrow();
  }
}
