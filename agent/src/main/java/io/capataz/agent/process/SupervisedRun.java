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
 * A run that its keeper looks after, or has looked after. Whoever holds this may go at any moment:
 * the keeper and the run go on, and {@link Keepers#find} finds them again.
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
   * @param keeper the descriptor of the keeper's process; this object closes it
   * @param child the keeper's id if it is this process's child; else 0
   * @param waiters runs what blocks until the keeper has ended
   */
  SupervisedRun(Path folder, long pid, int keeper, int child, Executor waiters) {
    this.folder = folder;
    this.pid = pid;
    this.keeper = keeper;
    this.over = CompletableFuture.supplyAsync(() -> awaitEnd(child), waiters);
  }

  /** A run that is over. */
  SupervisedRun(Path folder, long pid, ExitRecord end) {
    this.folder = folder;
    this.pid = pid;
    this.keeper = -1;
    this.over = CompletableFuture.completedFuture(end);
    this.ended = true;
  }

  /** The started process's id. */
  public long pid() {
    return pid;
  }

  /**
   * Completes when nothing of the run is left, or nothing that could be ended. Completes with
   * {@link KeeperGone} if the keeper ended without a word, as when somebody killed it.
   */
  public CompletableFuture<ExitRecord> over() {
    return over;
  }

  /**
   * Ends the run. Only the first reason counts; asked again, the grace may get shorter, never
   * longer. What is over already is passed over.
   *
   * @param why {@code CANCEL} or {@code SHUTDOWN}
   * @param grace until SIGKILL
   */
  public synchronized void stop(String why, Duration grace) throws IOException {
    if (ended) {
      return;
    }
    Path fresh = folder.resolve("keeper").resolve("stop.new");
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
    Path record = folder.resolve("keeper").resolve("exit");
    try {
      return ExitRecord.read(record);
    } catch (IOException e) {
      throw new KeeperGone(record, e);
    }
  }

  /** The keeper is gone, and nobody knows how far the run came. */
  public static final class KeeperGone extends RuntimeException {

    private static final long serialVersionUID = 1;

    KeeperGone(Path record, IOException cause) {
      super("The keeper of this run ended without writing " + record + ".", cause);
    }
  }
}
