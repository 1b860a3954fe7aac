package io.capataz.agent.process;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;

/**
 * A thread that waits for one thing to do. Whoever is about to start a process that somebody must
 * wait for makes it first: where the system gives out no more threads, it gives out no more
 * processes either, and learning of that afterwards would leave one that nobody waits for.
 */
final class Waiter implements Executor, AutoCloseable {

  private final CompletableFuture<Runnable> work = new CompletableFuture<>();

  private Waiter() {}

  /**
   * Takes a thread.
   *
   * @param program to be named if there is none
   */
  static Waiter of(Executor threads, String program) throws SpawnFailed {
    Waiter waiter = new Waiter();
    try {
      threads.execute(() -> waiter.work.join().run());
    } catch (OutOfMemoryError e) {
      // So says Java when the system does not give it a thread.
      throw new SpawnFailed(program, LibC.EAGAIN);
    }
    return waiter;
  }

  /** Gives it what it is to do; once. */
  @Override
  public void execute(Runnable task) {
    work.complete(task);
  }

  /** Lets the thread go if it was given nothing. */
  @Override
  public void close() {
    work.complete(() -> {});
  }
}
