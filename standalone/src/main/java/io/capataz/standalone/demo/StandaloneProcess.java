package io.capataz.standalone.demo;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** {@code ./capataz standalone} as a child of the demo: its ready line, its last words, its end. */
final class StandaloneProcess implements AutoCloseable {

  private static final Pattern READY =
      Pattern.compile("Capataz is ready at (\\S+) after (\\d+) ms \\(process (\\d+)\\)\\.");
  private static final Pattern PART = Pattern.compile(" {2}(store|broker|agent|admin token) +(.*)");

  /** Long, for a busy machine: a process that ends before is noticed at once. */
  private static final int SECONDS_TO_READY = 180;

  private static final int SECONDS_TO_STOP = 25;
  private static final int LAST_WORDS = 60;

  private final Process process;
  private final Deque<String> lines = new ArrayDeque<>();
  private final CompletableFuture<Ready> ready = new CompletableFuture<>();

  /**
   * What the ready lines say.
   *
   * @param address of console and API
   * @param millis from its first moment to ready
   * @param pid the supervisor's process
   */
  record Ready(String address, long millis, long pid) {}

  private StandaloneProcess(Process process) {
    this.process = process;
    Thread.ofVirtual().name("standalone-output").start(this::read);
  }

  static StandaloneProcess start(Path launcher, Path data) throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(
                launcher.toString(),
                "standalone",
                "--data",
                data.toString(),
                "--port",
                "0",
                // Its folder is removed, and nothing of it may go on.
                "--on-stop",
                "end")
            .redirectErrorStream(true)
            .redirectInput(ProcessBuilder.Redirect.PIPE);
    // The demo is the same wherever it is run: no setting of the caller's reaches it.
    builder
        .environment()
        .keySet()
        .removeIf(name -> name.startsWith("CAPATAZ_") && !name.equals("CAPATAZ_AOT"));
    return new StandaloneProcess(builder.start());
  }

  Ready awaitReady() throws InterruptedException {
    try {
      return ready.get(SECONDS_TO_READY, TimeUnit.SECONDS);
    } catch (TimeoutException e) {
      throw new Surprise("The supervisor was not ready after %d s.".formatted(SECONDS_TO_READY));
    } catch (ExecutionException e) {
      throw new Surprise("The supervisor ended before it was ready.");
    }
  }

  /** What a ready line says about the store, the broker, the agent. */
  Optional<String> part(String name) {
    return lastWords().stream()
        .map(PART::matcher)
        .filter(Matcher::matches)
        .filter(part -> part.group(1).equals(name))
        .map(part -> part.group(2))
        .findFirst();
  }

  List<String> lastWords() {
    synchronized (lines) {
      return List.copyOf(lines);
    }
  }

  /** Stops it as Ctrl-C does and waits until it is gone. */
  void stop() throws InterruptedException {
    process.destroy();
    if (!process.waitFor(SECONDS_TO_STOP, TimeUnit.SECONDS)) {
      throw new Surprise("The supervisor did not stop within %d s.".formatted(SECONDS_TO_STOP));
    }
  }

  /** Leaves nothing behind, however the demo went. */
  @Override
  public void close() {
    if (process.isAlive()) {
      process.destroy();
      try {
        process.waitFor(SECONDS_TO_STOP, TimeUnit.SECONDS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      process.destroyForcibly();
    }
  }

  private void read() {
    try (BufferedReader reader = process.inputReader()) {
      reader.lines().forEach(this::heard);
    } catch (IOException | UncheckedIOException e) {
      heard("(its output was cut off: " + e.getMessage() + ")");
    }
    ready.completeExceptionally(new Surprise("It ended."));
  }

  private void heard(String line) {
    if (line.startsWith("\tat ")) {
      return; // The last words are few; a stack trace would push out what it is the trace of.
    }
    synchronized (lines) {
      lines.add(line);
      if (lines.size() > LAST_WORDS) {
        lines.remove();
      }
    }
    // The last of the ready lines: by then the others have been heard as well.
    if (line.startsWith("Ctrl-C stops everything")) {
      lastWords().stream()
          .map(READY::matcher)
          .filter(Matcher::matches)
          .findFirst()
          .ifPresent(
              m ->
                  ready.complete(
                      new Ready(
                          m.group(1), Long.parseLong(m.group(2)), Long.parseLong(m.group(3)))));
    }
  }
}
