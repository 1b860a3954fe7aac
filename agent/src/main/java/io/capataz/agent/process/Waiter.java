package io.capataz.agent.process;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;

/**
 * A thread reserved for a single task. It is reserved before a process is started that must be
 * waited for: if the system is out of threads, it is out of processes too, and a process without a
 * waiter must not be started.
 */
final class Waiter implements Executor, AutoCloseable {

  private final CompletableFuture<Runnable> work = new CompletableFuture<>();

  private Waiter() {}

  /**
   * Reserves a thread.
   *
   * @param program named in the failure if there is no thread
   */
  static Waiter of(Executor threads, String program) throws SpawnFailed {
    var waiter = new Waiter();
    try {
      threads.execute(() -> waiter.work.join().run());
    } catch (OutOfMemoryError e) {
      // Thrown by Java if the system cannot create a thread.
      throw new SpawnFailed(program, LibC.EAGAIN);
    }
    return waiter;
  }

  /** Runs the task on the reserved thread; once. */
  @Override
  public void execute(Runnable task) {
    work.complete(task);
  }

  /** Releases the thread if it has no task. */
  @Override
  public void close() {
    work.complete(() -> {});
  }
}
