package io.capataz.agent.process;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;

/**
 * A run under a keeper, running or ended. This process may end at any time: keeper and run
 * continue, and {@link Keepers#find} finds them again.
 */
public final class SupervisedRun {

  private static final int SIGUSR1 = 10;

  private final Path folder;
  private final long pid;
  private final int keeper;
  private final CompletableFuture<ExitRecord> over;
  private boolean ended;

  /**
   * @param pid the started process
   * @param keeper pidfd of the keeper, which this object closes
   * @param child pid of the keeper if it is a child of this process; else 0
   * @param waiters runs the task that blocks until the keeper has ended
   */
  SupervisedRun(Path folder, long pid, int keeper, int child, Executor waiters) {
    this.folder = folder;
    this.pid = pid;
    this.keeper = keeper;
    this.over = CompletableFuture.supplyAsync(() -> awaitEnd(child), waiters);
  }

  /** A run that has ended. */
  SupervisedRun(Path folder, long pid, ExitRecord end) {
    this.folder = folder;
    this.pid = pid;
    this.keeper = -1;
    this.over = CompletableFuture.completedFuture(end);
    this.ended = true;
  }

  /** The pid of the started process. */
  public long pid() {
    return pid;
  }

  /**
   * Completes when no process of the run is left, or none that could be killed. Completes with
   * {@link KeeperGone} if the keeper ended without a record, for example because it was killed.
   */
  public CompletableFuture<ExitRecord> over() {
    return over;
  }

  /**
   * Stops the run. Only the first reason counts. A further call can shorten the grace time, never
   * extend it. Ignored if the run has ended.
   *
   * @param why {@code CANCEL} or {@code SHUTDOWN}
   * @param grace time until SIGKILL
   */
  public synchronized void stop(String why, Duration grace) throws IOException {
    if (ended) {
      return;
    }
    var fresh = folder.resolve("keeper").resolve("stop.new");
    Files.write(fresh, (why + " " + grace.toNanos() + "\n").getBytes(StandardCharsets.US_ASCII));
    Files.move(fresh, fresh.resolveSibling("stop"), StandardCopyOption.ATOMIC_MOVE);
    LibC.signal(keeper, SIGUSR1);
  }

  private ExitRecord awaitEnd(int child) {
    LibC.awaitEndOf(keeper);
    synchronized (this) {
      ended = true;
      LibC.close(keeper);
    }
    if (child > 0) {
      LibC.reap(child);
    }
    var record = folder.resolve("keeper").resolve("exit");
    try {
      return ExitRecord.read(record);
    } catch (IOException e) {
      throw new KeeperGone(record, e);
    }
  }

  /** The keeper ended without a record, so the state of the run is unknown. */
  public static final class KeeperGone extends RuntimeException {

    private static final long serialVersionUID = 1;

    KeeperGone(Path record, IOException cause) {
      super("The keeper of this run ended without writing " + record + ".", cause);
    }
  }
}
