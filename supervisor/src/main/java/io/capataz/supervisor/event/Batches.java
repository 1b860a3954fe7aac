package io.capataz.supervisor.event;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/**
 * Hands items on in the background, in their order, one batch at a time. The first one goes at
 * once; what comes within the pause after it goes together. Whoever adds one never waits.
 */
final class Batches<T> {

  private static final int LARGEST = 1_000;

  private final BlockingQueue<T> waiting;
  private final ExecutorService background;
  private final Duration pause;
  private final Consumer<List<T>> receiver;
  private final AtomicBoolean working = new AtomicBoolean();

  /**
   * @param most how many items may wait
   */
  Batches(ExecutorService background, int most, Duration pause, Consumer<List<T>> receiver) {
    this.waiting = new ArrayBlockingQueue<>(most);
    this.background = background;
    this.pause = pause;
    this.receiver = receiver;
  }

  /** Adds an item; false if too many wait, and it is lost. */
  boolean add(T item) {
    var added = waiting.offer(item);
    work();
    return added;
  }

  private void work() {
    if (!working.get() && working.compareAndSet(false, true)) {
      try {
        background.execute(this::handOn);
      } catch (RejectedExecutionException shuttingDown) {
        working.set(false);
      }
    }
  }

  private void handOn() {
    try {
      while (!waiting.isEmpty()) {
        var batch = new ArrayList<T>();
        waiting.drainTo(batch, LARGEST);
        receiver.accept(batch);
        Thread.sleep(pause);
      }
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
    } finally {
      working.set(false);
    }
    // One may have been added after the last look.
    if (!waiting.isEmpty() && !Thread.currentThread().isInterrupted()) {
      work();
    }
  }
}
