package io.capataz.standalone;

import io.capataz.common.secret.Secret;
import io.capataz.standalone.StandaloneSettings.Stop;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The agent of this machine as a process of its own. When it dies it is started again, after a
 * pause that grows while it keeps dying. Its standard input is held open and never written to: its
 * end tells the agent that the supervisor is gone, even after a kill.
 */
final class AgentProcess implements AutoCloseable {

  /** Long enough that an agent which got the same Ctrl-C as we did is not started again. */
  private static final Duration FIRST_PAUSE = Duration.ofSeconds(1);

  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);

  /** An agent that lived this long was well, and its next death is a first one. */
  private static final Duration WELL = Duration.ofMinutes(1);

  /** Beyond the time for which it waits for running jobs. */
  private static final Duration STOP = Duration.ofSeconds(8);

  private final List<String> command;
  private final Supplier<Secret> joinToken;
  private final Duration patience;
  private @Nullable Thread keeper;
  private volatile boolean closing;
  private volatile @Nullable Process process;

  private AgentProcess(List<String> command, Supplier<Secret> joinToken, Duration patience) {
    this.command = List.copyOf(command);
    this.joinToken = joinToken;
    this.patience = patience;
  }

  /**
   * Starts the agent and keeps it running until this is closed.
   *
   * @param jar the agent's jar
   * @param supervisor where it finds us
   * @param data the folder it keeps its own things in
   * @param host the name of its host
   * @param slots how many jobs it may run at once; empty: as it thinks best
   * @param stop what becomes of running jobs when it stops
   * @param joinToken makes a token that lets this host enrol; asked anew for every start, because a
   *     token is good for one enrolment and only for a while
   */
  static AgentProcess start(
      Path jar,
      String supervisor,
      Path data,
      String host,
      OptionalInt slots,
      Stop stop,
      Supplier<Secret> joinToken)
      throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xms8m",
                "-Xmx64m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseCompactObjectHeaders",
                // An agent that is out of memory half-works for ever; a new one goes on with its
                // runs.
                "-XX:+ExitOnOutOfMemoryError",
                "-jar",
                jar.toString(),
                "--supervisor",
                supervisor,
                "--data",
                data.toString(),
                "--host",
                host,
                "--on-stop",
                stop.endsJobs() ? "end" : "leave",
                "--drain",
                Long.toString(stop.drain().toSeconds()),
                "--stop-with-parent"));
    slots.ifPresent(n -> command.addAll(List.of("--slots", Integer.toString(n))));
    Duration patience = stop.endsJobs() ? STOP : STOP.plus(stop.drain());
    AgentProcess agent = new AgentProcess(command, joinToken, patience);
    agent.launch();
    agent.keeper = Background.start("agent-process", agent::keepAlive);
    return agent;
  }

  /** This machine's name, as the host will be called. */
  static String hostName() {
    try {
      Path kernel = Path.of("/proc/sys/kernel/hostname");
      return Files.isReadable(kernel)
          ? Files.readString(kernel).strip()
          : InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException e) {
      return "localhost"; // A machine that does not know its own name is still a host.
    } catch (IOException e) {
      return "localhost";
    }
  }

  /** The process id of the agent that runs now, or ran last. */
  long pid() {
    Process now = process;
    return now == null ? 0 : now.pid();
  }

  private synchronized Process launch() throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .redirectInput(ProcessBuilder.Redirect.PIPE)
            .redirectOutput(ProcessBuilder.Redirect.INHERIT)
            .redirectError(ProcessBuilder.Redirect.INHERIT);
    // What opens store and broker is not the agent's business.
    builder
        .environment()
        .keySet()
        .removeIf(
            variable ->
                variable.startsWith("CAPATAZ_MONGODB")
                    || variable.startsWith("CAPATAZ_KAFKA")
                    || variable.startsWith("CAPATAZ_OIDC"));
    builder.environment().put("CAPATAZ_JOIN_TOKEN", joinToken.get().reveal());
    Process started = builder.start();
    process = started;
    if (closing) {
      started.destroy();
    }
    return started;
  }

  private void keepAlive() {
    Duration pause = FIRST_PAUSE;
    try {
      while (true) {
        long since = System.nanoTime();
        String end = waitForEnd();
        Duration lived = Duration.ofNanos(System.nanoTime() - since);
        pause = lived.compareTo(WELL) > 0 ? FIRST_PAUSE : pause;
        TimeUnit.MILLISECONDS.sleep(pause.toMillis());
        if (closing) {
          return;
        }
        System.err.printf(
            "%s It is started again; if this goes on, the lines above say why.%n", end);
        pause =
            pause.multipliedBy(2).compareTo(LONGEST_PAUSE) < 0
                ? pause.multipliedBy(2)
                : LONGEST_PAUSE;
        relaunch();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // Closed: the loop has nothing more to do.
    }
  }

  private String waitForEnd() throws InterruptedException {
    Process running = process;
    return running == null
        ? "The agent could not be started."
        : "The agent ended with exit code %d.".formatted(running.waitFor());
  }

  private void relaunch() {
    try {
      launch();
    } catch (IOException | RuntimeException e) { // The store may be away for a while, too.
      process = null;
      System.err.printf("The agent cannot be started now: %s%n", e.getMessage());
    }
  }

  /** Tells the agent to stop, waits a moment, and ends it if it does not. */
  @Override
  public void close() {
    Process last;
    synchronized (this) {
      closing = true;
      last = process;
    }
    if (keeper != null) {
      keeper.interrupt();
    }
    if (last == null) {
      return;
    }
    // Its standard input stays open: closed, it would not wait for running jobs.
    last.toHandle().destroy();
    try {
      if (last.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS)) {
        return;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    last.destroyForcibly();
  }
}
