package io.capataz.agent.session;

import io.capataz.agent.job.RunningJobs;
import io.capataz.agent.link.Backoff;
import io.capataz.agent.link.Reply;
import io.capataz.agent.link.Supervisor;
import io.capataz.common.protocol.Heartbeat;
import java.time.Duration;
import java.util.function.Consumer;

/**
 * Sends heartbeats that list the running attempts, and applies the answers: attempts to stop and to
 * forget. One call is always open (long poll), and is answered when there is something to do. If
 * another supervisor instance has something to say, a Kafka record requests an extra call ({@link
 * #beatNow}).
 *
 * <p>Runs until its thread is interrupted, like {@link #runExtra} on another thread.
 */
public final class HeartbeatLoop implements Runnable {

  /** Minimum interval, for supervisors that always answer at once. */
  private static final Duration MIN_INTERVAL = Duration.ofMillis(200);

  /** Time beyond the heartbeat interval after which the loop counts as stuck. */
  private static final Duration STUCK_AFTER = Duration.ofMinutes(2);

  private final Session session;
  private final Supervisor supervisor;
  private final RunningJobs running;
  private final Backoff backoff;
  private final Consumer<String> sessionOver;
  private boolean requested;
  private boolean woken;
  private volatile long triedAt = System.nanoTime();

  /**
   * @param supervisor the way by which heartbeats are sent
   * @param sessionOver called with a sentence when the supervisor has ended this session
   */
  public HeartbeatLoop(
      Session session,
      Supervisor supervisor,
      RunningJobs running,
      Backoff backoff,
      Consumer<String> sessionOver) {
    this.session = session;
    this.supervisor = supervisor;
    this.running = running;
    this.backoff = backoff;
    this.sessionOver = sessionOver;
  }

  @Override
  public void run() {
    try {
      running.forget(session.terms().forget());
      while (true) {
        var next = beat();
        Thread.sleep(MIN_INTERVAL);
        pause(next.minus(MIN_INTERVAL));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Whether calls are still made. If not, the agent is stuck and should be restarted. */
  public boolean isAlive() {
    long quiet = System.nanoTime() - triedAt;
    return quiet < session.terms().heartbeat().plus(STUCK_AFTER).toNanos();
  }

  /** Makes the next call now, because the way to the supervisor has changed. */
  public synchronized void wake() {
    woken = true;
    notifyAll();
  }

  private synchronized void pause(Duration time) throws InterruptedException {
    long until = System.nanoTime() + time.toNanos();
    for (long left = time.toNanos(); !woken && left > 0; left = until - System.nanoTime()) {
      wait(left / 1_000_000 + 1);
    }
    woken = false;
  }

  /** Requests an extra call; several requests before it is made are merged. */
  public synchronized void beatNow() {
    requested = true;
    notifyAll();
  }

  /** Makes the calls requested by {@link #beatNow}. */
  public void runExtra() {
    try {
      while (true) {
        awaitRequest();
        var _ = applied(call(Duration.ZERO));
        Thread.sleep(MIN_INTERVAL);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private synchronized void awaitRequest() throws InterruptedException {
    while (!requested) {
      wait();
    }
    requested = false;
  }

  /** Makes a call and returns the time until the next one. */
  private Duration beat() throws InterruptedException {
    return applied(backoff.untilReached(() -> call(session.terms().heartbeat())));
  }

  /** A single try; lists the attempts that are running now. */
  private Reply<Heartbeat.Answer> call(Duration hold) throws InterruptedException {
    triedAt = System.nanoTime();
    return supervisor.heartbeat(new Heartbeat(session.terms().epoch(), running.list(), hold), hold);
  }

  private Duration applied(Reply<Heartbeat.Answer> reply) {
    reply.sessionOver().ifPresent(sessionOver);
    if (reply instanceof Reply.Taken<Heartbeat.Answer>(Heartbeat.Answer answer)) {
      running.stop(answer.stop());
      running.forget(answer.forget());
      return answer.next();
    }
    return session.terms().heartbeat();
  }
}
