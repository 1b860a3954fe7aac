package io.capataz.agent.job;

import io.capataz.common.protocol.AttemptEnd.SignalSent.Why;
import io.capataz.common.protocol.AttemptId;
import io.capataz.common.protocol.RunningAttempt;
import java.time.Duration;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The attempts this agent holds, from their grant until they are reported. */
public final class RunningJobs {

  private final Map<AttemptId, JobRun> runs = new LinkedHashMap<>();
  private boolean shuttingDown;
  private int claims;
  private boolean hurried;

  /** A claim is in flight: more attempts may come. */
  synchronized void claimStarted() {
    claims++;
  }

  /** One of the claims is answered, and its attempts are added. */
  synchronized void claimAnswered() {
    claims--;
    notifyAll();
  }

  /** Adds a run; false if the attempt is already here because its order was repeated. */
  synchronized boolean add(JobRun run) {
    if (shuttingDown) {
      run.stop(Why.SHUTDOWN);
    }
    return runs.putIfAbsent(run.id(), run) == null;
  }

  synchronized void remove(JobRun run) {
    runs.remove(run.id(), run);
    notifyAll();
  }

  /** The attempts to list in a heartbeat. */
  public synchronized List<RunningAttempt> list() {
    return runs.values().stream().map(JobRun::asRunning).toList();
  }

  /** Stops these attempts and reports them as canceled. Unknown attempts are ignored. */
  public synchronized void stop(Collection<AttemptId> attempts) {
    for (var attempt : attempts) {
      var run = runs.get(attempt);
      if (run != null) {
        run.stop(Why.CANCEL);
      }
    }
  }

  /** Stops these attempts without further reports. Unknown attempts are ignored. */
  public synchronized void forget(Collection<AttemptId> attempts) {
    for (var attempt : attempts) {
      var run = runs.get(attempt);
      if (run != null) {
        run.forget();
      }
    }
  }

  /** Stops all attempts because the agent shuts down, including those still to come. */
  public synchronized void shutDown() {
    shuttingDown = true;
    runs.values().forEach(run -> run.stop(Why.SHUTDOWN));
  }

  /** Leaves the remaining attempts to their keepers. */
  public synchronized void detach() {
    claims = 0;
    notifyAll();
    runs.values().forEach(JobRun::detach);
  }

  /** The number of attempts. */
  public synchronized int count() {
    return runs.size();
  }

  /** Ends {@link #drain} now. */
  public synchronized void hurry() {
    hurried = true;
    notifyAll();
  }

  /** As {@link #awaitEmpty}, unless somebody wants it to hurry. */
  public synchronized boolean drain(Duration patience) throws InterruptedException {
    return await(patience, true);
  }

  /** Waits until no attempt is left and none is to come; false on timeout. */
  public synchronized boolean awaitEmpty(Duration patience) throws InterruptedException {
    return await(patience, false);
  }

  private synchronized boolean await(Duration patience, boolean mayHurry)
      throws InterruptedException {
    long deadline = System.nanoTime() + patience.toNanos();
    while (claims > 0 || !runs.isEmpty()) {
      long left = deadline - System.nanoTime();
      if (left <= 0 || (mayHurry && hurried)) {
        return false;
      }
      wait(left / 1_000_000 + 1);
    }
    return true;
  }
}
