package io.capataz.agent.process;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * A run under a keeper, running or ended. This process may end at any time: keeper and run
 * continue, and {@link Keepers#find} finds them again.
 */
public final class SupervisedRun {

  private static final int SIGUSR1 = 10;
  private static final int SIGTERM = 15;

  /** {@code STOP_SIGNAL} of the native keeper. */
  private static final int STOP_SIGNAL = 40;

  private static final String SHUTDOWN = "SHUTDOWN";
  private static final String FRESH = "stop.new";
  private static final int REQUEST_BYTES = 64;

  private final KeeperFiles files;
  private final long pid;
  private final int keeper;
  private final CompletableFuture<ExitRecord> over;
  private boolean ended;

  /**
   * @param pid the started process
   * @param keeper pidfd of the keeper, which this object closes; -1 if the keeper has ended
   * @param child pid of the keeper if it is a child of this process; else 0
   * @param waiters runs the task that blocks until the keeper has ended
   */
  SupervisedRun(KeeperFiles files, long pid, int keeper, int child, Executor waiters) {
    this.files = files;
    this.pid = pid;
    this.keeper = keeper;
    this.ended = keeper < 0;
    this.over = CompletableFuture.supplyAsync(() -> awaitEnd(child), waiters);
  }

  /** A run that has ended. */
  SupervisedRun(KeeperFiles files, long pid, ExitRecord end) {
    this.files = files;
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
    try {
      if (files.form() == Keepers.Form.SHELL) {
        var own = files.run().resolve(KeeperFiles.SHELL_FOLDER);
        writeRequest(own, why + " " + grace.toNanos());
        LibC.signal(keeper, SIGUSR1);
      } else {
        LibC.signal(keeper, STOP_SIGNAL, grace.toNanos() << 1 | (why.equals(SHUTDOWN) ? 1 : 0));
      }
    } catch (IOException e) {
      // The keeper ends the run all the same, with the grace time of its order.
      LibC.signal(keeper, SIGTERM);
      throw e;
    }
  }

  /**
   * Reserves space for a stop request to the shell keeper, so that a full disk cannot prevent it.
   * The native one gets it as the value of a signal.
   *
   * @param own the keeper's folder
   */
  static void reserveRequest(Path own) throws IOException {
    Files.write(own.resolve(FRESH), padded(""), StandardOpenOption.CREATE_NEW);
  }

  private static void writeRequest(Path own, String request) throws IOException {
    var fresh = own.resolve(FRESH);
    var file = own.resolve("stop");
    if (Files.exists(file) && !Files.exists(fresh)) {
      // A second request. It is short, so it replaces the first at once.
      Files.write(file, padded(request), StandardOpenOption.WRITE);
      return;
    }
    // Over what is there, which needs no space.
    Files.write(fresh, padded(request), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
  }

  private static byte[] padded(String request) {
    return (request + " ".repeat(REQUEST_BYTES - request.length() - 1) + "\n")
        .getBytes(StandardCharsets.US_ASCII);
  }

  private ExitRecord awaitEnd(int child) {
    if (keeper >= 0) {
      LibC.awaitEndOf(keeper);
      synchronized (this) {
        ended = true;
        LibC.close(keeper);
      }
    }
    if (child > 0) {
      LibC.reap(child);
    }
    try {
      return files.end().map(ExitRecord::of).orElseThrow(() -> new KeeperGone(files, null));
    } catch (IOException e) {
      throw new KeeperGone(files, e);
    }
  }

  /** The keeper ended without a record, so the state of the run is unknown. */
  public static final class KeeperGone extends RuntimeException {

    private static final long serialVersionUID = 1;

    KeeperGone(KeeperFiles files, @Nullable IOException cause) {
      super("The keeper of the run in " + files.run() + " ended without recording its end.", cause);
    }
  }
}
