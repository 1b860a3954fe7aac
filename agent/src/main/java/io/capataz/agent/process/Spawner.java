package io.capataz.agent.process;

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
   * @param waiters runs one task per process, which blocks in native code until the process ends;
   *     hence not on virtual threads
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
   */
  public RunningProcess start(Command command) throws SpawnFailed {
    int pid = spawn(command);
    CompletableFuture<ExitStatus> exit = new CompletableFuture<>();
    waiters.execute(
        () -> {
          try {
            exit.complete(LibC.awaitEnd(pid));
          } catch (RuntimeException e) {
            exit.completeExceptionally(e);
          }
        });
    return new RunningProcess(pid, exit);
  }

  /**
   * A process that is just being started elsewhere holds copies of our descriptors until it
   * executes its program. If one of them was the script we have just written, executing that script
   * is refused for the moment.
   */
  private static int spawn(Command command) throws SpawnFailed {
    for (int left = BUSY_TRIES; ; left--) {
      try {
        return LibC.spawn(command);
      } catch (SpawnFailed e) {
        if (e.errno() != LibC.ETXTBSY || left == 0) {
          throw e;
        }
        LockSupport.parkNanos(BUSY_PAUSE);
      }
    }
  }
}
