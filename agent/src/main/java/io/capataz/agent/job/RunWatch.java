package io.capataz.agent.job;

import io.capataz.agent.process.ExitStatus;
import io.capataz.agent.process.LiveProcess;
import io.capataz.agent.process.RunningProcess;
import io.capataz.agent.process.Signal;
import io.capataz.common.protocol.AttemptEnd.SignalSent;
import io.capataz.common.protocol.AttemptEnd.SignalSent.Why;
import io.capataz.common.protocol.AttemptEnd.Survivor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Waits for a script to be over, and sees to it that it is: when its time has run out, when
 * somebody wants it stopped, and when it leaves processes behind. SIGTERM, grace, SIGKILL, and then
 * a look at what is really left.
 */
final class RunWatch {

  /** What a script starts last may end a moment after it, as {@code tee} does; that is no fault. */
  private static final Duration SETTLING = Duration.ofMillis(200);

  private static final Duration LEFT_BEHIND_GRACE = Duration.ofSeconds(1);

  /** The supervisor waits for an agent that goes down, and so does whoever stops it. */
  private static final Duration SHUTDOWN_GRACE = Duration.ofSeconds(5);

  /** How long SIGKILL is repeated, against what forks faster than it is killed. */
  private static final Duration KILLING = Duration.ofSeconds(2);

  private static final long LOOK_AGAIN_MILLIS = 20;

  /**
   * How it ended.
   *
   * @param ending why the agent ended the script; empty if the script ended by itself
   * @param exit how the script's own process ended; empty if not even SIGKILL ended it
   * @param ran from its start until it was over
   * @param signals what was sent to it, in order
   * @param survivors what was alive after the last signal
   */
  record Over(
      Optional<Why> ending,
      Optional<ExitStatus> exit,
      Duration ran,
      List<SignalSent> signals,
      List<Survivor> survivors) {}

  private final RunningProcess process;
  private final long startedAt;
  private final List<SignalSent> signals = new ArrayList<>();

  /**
   * @param startedAt when it was started, by {@link System#nanoTime}
   */
  RunWatch(RunningProcess process, long startedAt) {
    this.process = process;
    this.startedAt = startedAt;
  }

  /**
   * Returns when nothing of the run is left, or nothing that could be ended.
   *
   * @param timeout counted from the start
   * @param grace between SIGTERM and SIGKILL
   * @param stop completed by somebody who wants the run to end
   */
  Over untilOver(Duration timeout, Duration grace, CompletableFuture<Why> stop)
      throws InterruptedException {
    Optional<Why> ending = untilEndOr(timeout, stop);
    Duration ran;
    if (ending.isPresent()) {
      boolean shutDown = ending.get() == Why.SHUTDOWN && grace.compareTo(SHUTDOWN_GRACE) > 0;
      end(ending.get(), shutDown ? SHUTDOWN_GRACE : grace);
      ran = sinceStart();
    } else {
      ran = sinceStart();
      if (!goneWithin(SETTLING)) {
        end(Why.LEFT_BEHIND, LEFT_BEHIND_GRACE);
      }
    }
    List<Survivor> survivors =
        signals.isEmpty()
            ? List.of()
            : process.alive().stream()
                .map(process -> new Survivor(process.pid(), process.command()))
                .toList();
    return new Over(ending, exit(), ran, List.copyOf(signals), survivors);
  }

  /** Empty if the script ended by itself. */
  private Optional<Why> untilEndOr(Duration timeout, CompletableFuture<Why> stop)
      throws InterruptedException {
    try {
      CompletableFuture.anyOf(process.exit(), stop)
          .get(timeout.minus(sinceStart()).toNanos(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      return process.exit().isDone() ? Optional.empty() : Optional.of(Why.TIMEOUT);
    } catch (ExecutionException e) {
      throw new IllegalStateException("The script's end cannot be observed.", e.getCause());
    }
    return process.exit().isDone() ? Optional.empty() : Optional.of(stop.join());
  }

  private void end(Why why, Duration grace) throws InterruptedException {
    send(Signal.SIGTERM, why);
    if (goneWithin(grace)) {
      return;
    }
    send(Signal.SIGKILL, why);
    long until = System.nanoTime() + KILLING.toNanos();
    while (!goneWithin(Duration.ofMillis(LOOK_AGAIN_MILLIS)) && System.nanoTime() < until) {
      process.signal(Signal.SIGKILL);
    }
  }

  private void send(Signal signal, Why why) {
    signals.add(new SignalSent(signal.name(), sinceStart(), why));
    process.signal(signal);
  }

  /** Looks until nothing of the run lives, at least once. */
  private boolean goneWithin(Duration patience) throws InterruptedException {
    long until = System.nanoTime() + patience.toNanos();
    while (true) {
      List<LiveProcess> alive = process.alive();
      if (alive.isEmpty() && process.exit().isDone()) {
        return true;
      }
      if (System.nanoTime() >= until) {
        return false;
      }
      Thread.sleep(LOOK_AGAIN_MILLIS);
    }
  }

  private Optional<ExitStatus> exit() {
    return process.exit().isDone() ? Optional.of(process.exit().join()) : Optional.empty();
  }

  private Duration sinceStart() {
    return Duration.ofNanos(System.nanoTime() - startedAt);
  }
}
