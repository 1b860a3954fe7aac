package io.capataz.agent.session;

import io.capataz.agent.link.Backoff;
import io.capataz.agent.link.Reply;
import io.capataz.common.protocol.SessionOpening.PoolSource;
import io.capataz.common.protocol.Sync;
import java.time.Instant;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Polls for waiting jobs and for the pools of this host: at the start, and then periodically,
 * whether announcements are read or not. So no job depends on an announcement.
 *
 * <p>Runs until its thread is interrupted.
 */
public final class SyncLoop implements Runnable {

  private static final Logger log = LoggerFactory.getLogger(SyncLoop.class);

  private final Session session;
  private final Backoff backoff;
  private final RandomGenerator random;
  private final BooleanSupplier listening;
  private final Consumer<List<String>> heard;
  private final Consumer<List<PoolSource>> pools;
  private final Consumer<String> sessionOver;
  private boolean requested;
  private @Nullable Instant lastRival;

  /**
   * @param random spreads the calls of many agents
   * @param listening whether announcements are read currently
   * @param heard receives the ids of waiting jobs
   * @param pools receives the pools of this host
   * @param sessionOver called with a sentence when the supervisor has ended this session
   */
  public SyncLoop(
      Session session,
      Backoff backoff,
      RandomGenerator random,
      BooleanSupplier listening,
      Consumer<List<String>> heard,
      Consumer<List<PoolSource>> pools,
      Consumer<String> sessionOver) {
    this.session = session;
    this.backoff = backoff;
    this.random = random;
    this.listening = listening;
    this.heard = heard;
    this.pools = pools;
    this.sessionOver = sessionOver;
  }

  /** Requests a call now. */
  public synchronized void syncNow() {
    requested = true;
    notifyAll();
  }

  @Override
  public void run() {
    try {
      while (true) {
        ask();
        pause();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void ask() throws InterruptedException {
    var sync = new Sync(session.terms().epoch(), listening.getAsBoolean());
    var reply = backoff.untilReached(() -> session.supervisor().sync(sync));
    reply.sessionOver().ifPresent(sessionOver);
    if (reply instanceof Reply.Taken<Sync.Answer>(Sync.Answer answer)) {
      warnOf(answer.rival());
      pools.accept(answer.pools());
      if (!answer.waiting().isEmpty()) {
        heard.accept(answer.waiting());
      }
    }
  }

  /** A copy of the data folder is in use somewhere: somebody should know. */
  private void warnOf(@Nullable Instant rival) {
    if (rival != null && !rival.equals(lastRival)) {
      lastRival = rival;
      log.warn(
          "another agent with the credential of this one was refused at {}: the data folder of this"
              + " agent was copied. Stop that agent, or give it an identity of its own: remove"
              + " `credential` in its data folder and start it with a new join token",
          rival);
    }
  }

  /** Waits for the interval with 25 % jitter, or until a call is requested. */
  private synchronized void pause() throws InterruptedException {
    var interval = session.terms().sync();
    long until = System.nanoTime() + (long) (interval.toNanos() * (0.75 + random.nextDouble() / 2));
    while (!requested) {
      long left = until - System.nanoTime();
      if (left <= 0) {
        break;
      }
      wait(left / 1_000_000 + 1);
    }
    requested = false;
  }
}
