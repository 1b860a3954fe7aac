package io.capataz.e2e;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.awaitility.Awaitility;

/**
 * The launcher as a person starts it. Closing it ends the process and everything it started, so
 * that a story that fails leaves nothing running either.
 */
final class Launched implements AutoCloseable {

  /** A start is a few seconds on a quiet machine, and a build machine is not quiet. */
  private static final int PATIENCE = 300;

  static final Path LAUNCHER =
      Path.of(System.getProperty("capataz.home", ".."), "capataz").toAbsolutePath().normalize();

  private final Process process;
  private final Thread atExit;
  private final Thread reader;
  private final List<String> lines = new CopyOnWriteArrayList<>();

  private Launched(Process process) {
    this.process = process;
    this.reader = Thread.ofVirtual().start(this::readLines);
    this.atExit = Thread.ofPlatform().unstarted(this::endEverything);
    Runtime.getRuntime().addShutdownHook(atExit);
  }

  static Launched run(String... arguments) throws IOException {
    return run(LAUNCHER, Path.of(".").toAbsolutePath(), arguments);
  }

  static Launched run(Path launcher, Path folder, String... arguments) throws IOException {
    return run(launcher, folder, Map.of(), arguments);
  }

  /** The same, with more variables in its environment. */
  static Launched run(
      Path launcher, Path folder, Map<String, String> environment, String... arguments)
      throws IOException {
    // Whoever starts tests in the background may have them ignore Ctrl-C, and all they start.
    List<String> command =
        new ArrayList<>(List.of("env", "--default-signal=INT,QUIT", launcher.toString()));
    command.addAll(List.of(arguments));
    ProcessBuilder builder =
        new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true);
    builder.environment().keySet().removeIf(name -> name.startsWith("CAPATAZ_"));
    builder.environment().putAll(Map.of("NO_COLOR", "1", "CAPATAZ_AOT", "off"));
    builder.environment().putAll(environment);
    return new Launched(builder.start());
  }

  Stream<ProcessHandle> descendants() {
    return process.descendants();
  }

  /** Waits for a line that has {@code pattern} in it. */
  MatchResult line(Pattern pattern) {
    Awaitility.await(pattern.pattern())
        .atMost(PATIENCE, TimeUnit.SECONDS)
        .failFast(
            () -> {
              if (!reader.isAlive() && !has(pattern)) {
                throw new AssertionError("It ended without saying so:\n" + output());
              }
            })
        .until(() -> has(pattern));
    return lines.stream()
        .map(pattern::matcher)
        .filter(Matcher::find)
        .map(Matcher::toMatchResult)
        .findFirst()
        .orElseThrow();
  }

  private boolean has(Pattern pattern) {
    return lines.stream().anyMatch(line -> pattern.matcher(line).find());
  }

  String output() {
    return String.join("\n", lines);
  }

  /** Waits for the end and the last line, and returns the exit code. */
  int exitCode() {
    int code = process.onExit().orTimeout(PATIENCE, TimeUnit.SECONDS).join().exitValue();
    Awaitility.await().atMost(10, TimeUnit.SECONDS).until(() -> !reader.isAlive());
    return code;
  }

  /** What the terminal does for Ctrl-C, but to this process alone. */
  void interrupt() throws IOException {
    new ProcessBuilder("kill", "-INT", Long.toString(process.pid()))
        .start()
        .onExit()
        .orTimeout(10, TimeUnit.SECONDS)
        .join();
  }

  /** {@code kill -9}. */
  void kill() {
    process.destroyForcibly().onExit().orTimeout(10, TimeUnit.SECONDS).join();
  }

  private void readLines() {
    try (BufferedReader output = process.inputReader()) {
      output.lines().forEach(lines::add);
    } catch (IOException | UncheckedIOException e) {
      lines.add("(its output was cut off: " + e.getMessage() + ")");
    }
  }

  private void endEverything() {
    List<ProcessHandle> all = process.descendants().toList();
    process.destroy();
    try {
      process.waitFor(30, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    process.destroyForcibly();
    all.forEach(ProcessHandle::destroyForcibly);
  }

  @Override
  public void close() {
    endEverything();
    Runtime.getRuntime().removeShutdownHook(atExit);
  }
}
