package io.capataz.agent.process;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** Starts processes, each in a session of its own. */
final class Spawner {

  /** How often a file that is still open for writing is tried again, and how long between. */
  private static final int BUSY_TRIES = 50;

  private static final long BUSY_PAUSE = TimeUnit.MILLISECONDS.toNanos(4);

  private Spawner() {}

  /**
   * Starts {@code command}.
   *
   * @param stdin the descriptor that becomes its standard input, or {@link LibC#DEV_NULL}
   * @param stdout the one that becomes its standard output
   * @return its process id
   * @throws SpawnFailed if the operating system refuses
   */
  static int start(Command command, int stdin, int stdout) throws SpawnFailed {
    // A process that is just being started elsewhere holds copies of our descriptors until it
    // executes its program. If one of them was the script we have just written, executing that
    // script is refused for the moment.
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
