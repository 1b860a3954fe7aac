package io.capataz.agent.session;

import io.capataz.agent.job.RunningJobs;
import io.capataz.agent.link.Backoff;
import io.capataz.agent.link.Reply;
import io.capataz.common.protocol.Heartbeat;
import java.time.Duration;
import java.util.function.Consumer;

/**
 * Says "still here, and this is what runs", and does what the answer asks: stop these, forget
 * those.
 *
 * <p>Runs until its thread is interrupted.
 */
public final class HeartbeatLoop implements Runnable {

  /** A supervisor that answers at once and wants to be called at once gets no more than this. */
  private static final Duration SHORTEST = Duration.ofMillis(200);

  private final Session session;
  private final RunningJobs running;
  private final Backoff backoff;
  private final Consumer<String> sessionOver;

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
        Thread.sleep(next.compareTo(SHORTEST) < 0 ? SHORTEST : next);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** How long until the next one. */
  private Duration beat() throws InterruptedException {
    Duration interval = session.terms().heartbeat();
    // Made anew for each try: what ran a minute ago may be over.
    Reply<Heartbeat.Answer> reply =
        backoff.untilReached(
            () ->
                session
                    .supervisor()
                    .heartbeat(
                        new Heartbeat(session.terms().epoch(), running.list(), interval),
                        interval));
    reply.sessionOver().ifPresent(sessionOver);
    if (reply instanceof Reply.Taken<Heartbeat.Answer>(Heartbeat.Answer answer)) {
      running.stop(answer.stop());
      running.forget(answer.forget());
      return answer.next();
    }
    return interval;
  }
}
