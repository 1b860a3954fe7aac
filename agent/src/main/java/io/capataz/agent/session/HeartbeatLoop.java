package io.capataz.agent.session;

import io.capataz.agent.job.RunningJobs;
import io.capataz.agent.link.Backoff;
import io.capataz.agent.link.Reply;
import io.capataz.common.protocol.Heartbeat;
import java.time.Duration;
import java.util.function.Consumer;

/**
 * Says "still here, and this is what runs", and does what the answer asks: stop these, forget
 * those. One call is always open, which the supervisor answers when it has something to say. Where
 * another supervisor has it to say, a record on Kafka asks for one more call ({@link #beatNow}).
 *
 * <p>Runs until its thread is interrupted, and so does {@link #extra}, on another.
 */
public final class HeartbeatLoop implements Runnable {

  /** A supervisor that answers at once and wants to be called at once gets no more than this. */
  private static final Duration MIN_INTERVAL = Duration.ofMillis(200);

  /** A call may take so much longer than it is held. */
  private static final Duration STUCK_AFTER = Duration.ofMinutes(2);

  private final Session session;
  private final RunningJobs running;
  private final Backoff backoff;
  private final Consumer<String> sessionOver;
  private boolean requested;
  private volatile long triedAt = System.nanoTime();

  /**
   * @param sessionOver told, in a sentence, when the supervisor hears this session no more
   */
  public HeartbeatLoop(
      Session session, RunningJobs running, Backoff backoff, Consumer<String> sessionOver) {
    this.session = session;
    this.running = running;
    this.backoff = backoff;
    this.sessionOver = sessionOver;
  }

  @Override
  public void run() {
    try {
      running.forget(session.terms().forget());
      while (true) {
        Duration next = beat();
        Thread.sleep(next.compareTo(MIN_INTERVAL) < 0 ? MIN_INTERVAL : next);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * Whether it still calls, or tries to. One that does not is stuck, and with it the agent, which
   * had better be started again.
   */
  public boolean isAlive() {
    long quiet = System.nanoTime() - triedAt;
    return quiet < session.terms().heartbeat().plus(STUCK_AFTER).toNanos();
  }

  /** Asks beside the call that is open; more of these before it is made are one. */
  public synchronized void beatNow() {
    requested = true;
    notifyAll();
  }

  /** Makes the calls that {@link #beatNow} asks for. */
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

  /** How long until the next one. */
  private Duration beat() throws InterruptedException {
    return applied(backoff.untilReached(() -> call(session.terms().heartbeat())));
  }

  /** One try. Made anew for each: what ran a minute ago may be over. */
  private Reply<Heartbeat.Answer> call(Duration hold) throws InterruptedException {
    triedAt = System.nanoTime();
    return session
        .supervisor()
        .heartbeat(new Heartbeat(session.terms().epoch(), running.list(), hold), hold);
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
