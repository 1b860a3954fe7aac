package io.capataz.agent.process;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** Starts processes, each in a session of its own. */
public final class Spawner {

  /** How often a file that is still open for writing is tried again, and how long between. */
  private static final int BUSY_TRIES = 50;

  private static final long BUSY_PAUSE = TimeUnit.MILLISECONDS.toNanos(4);

  private final Executor waiters;

  /**
   * @param waiters runs three tasks per process, which block in native code: one until it ends, two
   *     that carry off what it prints; hence not on virtual threads
   */
  public Spawner(Executor waiters) {
    this.waiters = waiters;
  }

  /** What this host lacks to run anything at all, as one sentence; empty if nothing. */
  public static Optional<String> missing() {
    return LibC.missing();
  }

  /**
   * Starts {@code command}.
   *
   * @throws SpawnFailed if the operating system refuses
   * @throws IOException if there is no room for what it will print
   */
  public RunningProcess start(Command command) throws IOException {
    try (Outlet stdout = Outlet.open(command.stdout());
        Outlet stderr = Outlet.open(command.stderr())) {
      // Before the process: should it not start, they find their pipes closed and end.
      CompletableFuture<?> printed =
          CompletableFuture.allOf(
              CompletableFuture.runAsync(stdout.pump(), waiters),
              CompletableFuture.runAsync(stderr.pump(), waiters));
      int pid = spawn(command, stdout.writeEnd(), stderr.writeEnd());
      CompletableFuture<ExitStatus> exit =
          CompletableFuture.supplyAsync(() -> LibC.awaitEnd(pid), waiters);
      return new RunningProcess(pid, exit, printed, List.of(stdout.pump(), stderr.pump()));
    }
  }

  /** One stream's way out: a pipe to be written to, and what reads it. */
  private record Outlet(int writeEnd, OutputPump pump) implements AutoCloseable {

    static Outlet open(Path file) throws IOException {
      LibC.Pipe pipe = LibC.pipe();
      try {
        // Opened anew, so that Java owns it and can wake up who reads from it.
        FileChannel reader =
            FileChannel.open(Path.of("/proc/self/fd/" + pipe.readEnd()), StandardOpenOption.READ);
        try {
          return new Outlet(pipe.writeEnd(), new OutputPump(reader, file));
        } catch (IOException e) {
          reader.close();
          throw e;
        }
      } catch (IOException e) {
        LibC.close(pipe.writeEnd());
        throw e;
      } finally {
        LibC.close(pipe.readEnd());
      }
    }

    /** Leaves writing to the process alone: when it ends, the pump does. */
    @Override
    public void close() {
      LibC.close(writeEnd);
    }
  }

  /**
   * A process that is just being started elsewhere holds copies of our descriptors until it
   * executes its program. If one of them was the script we have just written, executing that script
   * is refused for the moment.
   */
  private static int spawn(Command command, int stdout, int stderr) throws SpawnFailed {
    for (int left = BUSY_TRIES; ; left--) {
      try {
        return LibC.spawn(command, stdout, stderr);
      } catch (SpawnFailed e) {
        if (e.errno() != LibC.ETXTBSY || left == 0) {
          throw e;
        }
        LockSupport.parkNanos(BUSY_PAUSE);
      }
    }
  }
}
