package io.capataz.e2e;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;

/**
 * One process of a {@link Fleet}, which can be killed and started again. What each of its lives
 * says is kept in a file. A process that ends by itself is noted and started again.
 */
final class Part {

  /** What a process is, and what it says when it is ready. */
  enum Kind {
    STORE("^store ready on "),
    BROKER("^broker ready on "),
    SUPERVISOR(" Started SupervisorApplication in "),
    AGENT(" agent ready: ");

    private final String ready;

    Kind(String ready) {
      this.ready = ready;
    }

    private boolean isSaidIn(String log) {
      return Pattern.compile(ready, Pattern.MULTILINE).matcher(log).find();
    }
  }

  /** On a machine that does much else; a start takes seconds. */
  private static final Duration PATIENCE = Duration.ofMinutes(5);

  private static final Duration UNTIL_STOPPED = Duration.ofMinutes(1);

  private static final Duration LOOK_AGAIN = Duration.ofMillis(50);

  /** More than these in a row, and it never will be ready. */
  private static final int MOST_FALLS = 5;

  private final Kind kind;
  private final String name;
  private final Path logs;
  private final List<String> words;
  private final Map<String, String> environment;
  private final List<String> falls = new CopyOnWriteArrayList<>();
  private @Nullable Process process;
  private boolean wantedUp;
  private int life;
  private int readyLife;

  /**
   * @param name tells it from the others, also as a file's name
   * @param logs the folder for what it says
   * @param words what the launcher is told
   * @param environment what it is told besides
   */
  Part(Kind kind, String name, Path logs, List<String> words, Map<String, String> environment) {
    this.kind = kind;
    this.name = name;
    this.logs = logs;
    this.words = List.copyOf(words);
    this.environment = Map.copyOf(environment);
  }

  Kind kind() {
    return kind;
  }

  String name() {
    return name;
  }

  void start() {
    start(Map.of());
  }

  /** Starts it, with more in its environment this once. */
  synchronized void start(Map<String, String> once) {
    if (process != null && process.isAlive()) {
      throw new IllegalStateException(name + " runs already.");
    }
    List<String> command = new ArrayList<>(List.of(Launched.LAUNCHER.toString()));
    command.addAll(words);
    life++;
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log().toFile());
    builder.environment().keySet().removeIf(variable -> variable.startsWith("CAPATAZ_"));
    builder
        .environment()
        .putAll(
            Map.of(
                "NO_COLOR", "1",
                "CAPATAZ_AOT", "off",
                // Spares the launcher its search through the disk, at every start.
                "JAVA_HOME", System.getProperty("java.home")));
    builder.environment().putAll(environment);
    builder.environment().putAll(once);
    try {
      Process started = builder.start();
      started.getOutputStream().close();
      process = started;
      wantedUp = true;
      var _ = started.onExit().thenAccept(this::ended);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Nobody has killed it: that is a finding, but the others must not starve meanwhile. */
  private synchronized void ended(Process ended) {
    if (ended.equals(process) && wantedUp) {
      falls.add(
          "%s, life %d, ended by itself with %d, saying at last: %s"
              .formatted(name, life, ended.exitValue(), lastSaid()));
      start();
    }
  }

  /** {@code kill -9}; returns when the process is gone. */
  void kill() {
    Process dying;
    synchronized (this) {
      wantedUp = false;
      dying = process;
    }
    // Without the lock: whoever is told of its end wants it.
    if (dying != null) {
      Awaitility.await(name + " is gone")
          .pollInSameThread()
          .pollInterval(Duration.ofMillis(5))
          .until(() -> !dying.destroyForcibly().isAlive());
    }
  }

  /** {@code kill}, and {@code kill -9} for one that takes too long. */
  void stop() {
    stop(UNTIL_STOPPED);
  }

  void stop(Duration patience) {
    Process stopping;
    synchronized (this) {
      wantedUp = false;
      stopping = process;
    }
    if (stopping == null) {
      return;
    }
    stopping.destroy();
    try {
      if (!stopping.waitFor(patience)) {
        kill();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      kill();
    }
  }

  synchronized long pid() {
    if (process == null) {
      throw new IllegalStateException(name + " was never started.");
    }
    return process.pid();
  }

  synchronized boolean isAlive() {
    return process != null && process.isAlive();
  }

  synchronized boolean isReady() {
    if (!isAlive()) {
      return false;
    }
    if (readyLife != life && kind.isSaidIn(said())) {
      readyLife = life;
    }
    return readyLife == life;
  }

  void awaitReady() {
    int fallsBefore = falls.size();
    Awaitility.await(name + " is ready")
        .atMost(PATIENCE)
        .pollInterval(LOOK_AGAIN)
        .failFast(
            () -> {
              if (falls.size() > fallsBefore + MOST_FALLS) {
                throw new AssertionError(falls + "\n" + said());
              }
            })
        .until(this::isReady);
  }

  /** The ends that nobody wanted. */
  List<String> falls() {
    return List.copyOf(falls);
  }

  /** What its current life has said. */
  String said() {
    try {
      Path log = log();
      return Files.exists(log)
          ? new String(Files.readAllBytes(log), StandardCharsets.UTF_8)
          : "(nothing)";
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private String lastSaid() {
    return said().lines().filter(line -> !line.isBlank()).reduce("nothing", (_, line) -> line);
  }

  private synchronized Path log() {
    return logs.resolve("%s-%04d.log".formatted(name, life));
  }

  @Override
  public String toString() {
    return name;
  }
}
