package io.capataz.agent.process;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** Starts processes, each in its own session. */
final class Spawner {

  /** Number of retries while a file is still open for writing, and the pause between them. */
  private static final int BUSY_TRIES = 50;

  private static final long BUSY_PAUSE = TimeUnit.MILLISECONDS.toNanos(4);

  private Spawner() {}

  /**
   * Starts {@code command}.
   *
   * @param stdin the descriptor for its standard input, or {@link LibC#DEV_NULL}
   * @param stdout the descriptor for its standard output
   * @return its process id
   * @throws SpawnFailed if the operating system refuses
   */
  static int start(Command command, int stdin, int stdout) throws SpawnFailed {
    // A process started concurrently holds copies of our descriptors until it executes its program.
    // If one of them is the script just written, executing the script fails with ETXTBSY for the
    // moment.
    for (int left = BUSY_TRIES; ; left--) {
      try {
        return LibC.spawn(command, stdin, stdout);
      } catch (SpawnFailed e) {
        if (e.errno() != LibC.ETXTBSY || left == 0) {
          throw e;
        }
        LockSupport.parkNanos(BUSY_PAUSE);
      }
    }
  }
}
