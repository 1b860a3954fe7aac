package io.capataz.agent.job;

import io.capataz.common.protocol.AttemptEnd.SignalSent.Why;
import io.capataz.common.protocol.AttemptId;
import io.capataz.common.protocol.RunningAttempt;
import java.time.Duration;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The attempts this agent holds, from the moment they are granted until they are reported. */
public final class RunningJobs {

  private final Map<AttemptId, JobRun> runs = new LinkedHashMap<>();
  private boolean shuttingDown;
  private boolean claiming;

  /** A claim is under way: there may be more attempts than are known. */
  synchronized void claimStarted() {
    claiming = true;
  }

  /** The claim is over, and what it was granted is here. */
  synchronized void claimAnswered() {
    claiming = false;
    notifyAll();
  }

  /** False if the attempt is here already: its order was given twice. */
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

  /** What a heartbeat says. */
  public synchronized List<RunningAttempt> list() {
    return runs.values().stream().map(JobRun::asRunning).toList();
  }

  /** Ends these attempts and reports them as canceled. Those it does not hold are passed over. */
  public synchronized void stop(Collection<AttemptId> attempts) {
    for (AttemptId attempt : attempts) {
      JobRun run = runs.get(attempt);
      if (run != null) {
        run.stop(Why.CANCEL);
      }
    }
  }

  /** Ends these attempts and never speaks of them again. */
  public synchronized void forget(Collection<AttemptId> attempts) {
    for (AttemptId attempt : attempts) {
      JobRun run = runs.get(attempt);
      if (run != null) {
        run.forget();
      }
    }
  }

  /** Ends all attempts because the agent goes down, also those that are still to come. */
  public synchronized void shutDown() {
    shuttingDown = true;
    runs.values().forEach(run -> run.stop(Why.SHUTDOWN));
  }

  /** Leaves all that is left to its keepers: whoever ends the agent waits no longer. */
  public synchronized void detach() {
    claimAnswered();
    runs.values().forEach(JobRun::detach);
  }

  /** How many attempts there are. */
  public synchronized int count() {
    return runs.size();
  }

  /** Waits until there is no attempt left, and none to come; false if the time is over first. */
  public synchronized boolean awaitEmpty(Duration patience) throws InterruptedException {
    long deadline = System.nanoTime() + patience.toNanos();
    while (claiming || !runs.isEmpty()) {
      long left = deadline - System.nanoTime();
      if (left <= 0) {
        return false;
      }
      wait(left / 1_000_000 + 1);
    }
    return true;
  }
}
