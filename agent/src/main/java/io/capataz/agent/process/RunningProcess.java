package io.capataz.agent.process;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A started process and everything it starts in its session.
 *
 * <p>Intended order: {@link #exit()} is waited for; {@link #alive()} tells what is left; {@link
 * #signal} ends it; {@link #finishOutput} completes the files; {@link #close} lets go. The
 * process's id stays taken until then, even after it has ended, so that a signal can never hit a
 * stranger that was given the same number.
 *
 * <p>What leaves the session by {@code setsid} is not seen. A containment that sees it (a control
 * group, a keeper process per run) would stand behind these same methods.
 */
public final class RunningProcess implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(RunningProcess.class);

  private final int pid;
  private final CompletableFuture<ExitStatus> exit;
  private final CompletableFuture<?> printed;
  private final List<OutputPump> pumps;
  private boolean released;

  RunningProcess(
      int pid,
      CompletableFuture<ExitStatus> exit,
      CompletableFuture<?> printed,
      List<OutputPump> pumps) {
    this.pid = pid;
    this.exit = exit;
    this.printed = printed;
    this.pumps = List.copyOf(pumps);
  }

  public long pid() {
    return pid;
  }

  /** Completes when the process itself has ended, whatever it left behind. */
  public CompletableFuture<ExitStatus> exit() {
    return exit;
  }

  /**
   * Waits until all that was printed is in the files. What has left the session may keep the way
   * out open for ever, so it is closed when the patience is over.
   */
  public void finishOutput(Duration patience) throws InterruptedException {
    try {
      var _ = printed.get(patience.toNanos(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      closePumps();
    } catch (ExecutionException e) {
      log.error("what process {} printed may be incomplete", pid, e);
    }
  }

  /** The process and its descendants in the session, as far as they live. */
  public List<LiveProcess> alive() {
    return ProcessTable.ofSession(pid);
  }

  /** To the process group in one stroke, then to what lives in other groups of the session. */
  public synchronized void signal(Signal signal) {
    if (released) {
      return;
    }
    LibC.kill(-pid, signal.number());
    for (LiveProcess process : alive()) {
      int other = (int) process.pid();
      if (LibC.group(other) != pid) {
        LibC.kill(other, signal.number());
      }
    }
  }

  /** Kills what still lives and lets go of the process id. Free to repeat. */
  @Override
  public synchronized void close() {
    if (released) {
      return;
    }
    if (!alive().isEmpty()) {
      signal(Signal.SIGKILL);
    }
    released = true;
    closePumps();
    // A process in an uninterruptible call ends when the kernel lets it; it is reaped then.
    var _ = exit.thenRun(() -> LibC.reap(pid));
  }

  private void closePumps() {
    for (OutputPump pump : pumps) {
      try {
        pump.close();
      } catch (IOException e) {
        log.debug("a pipe did not close cleanly", e);
      }
    }
  }
}
