package io.capataz.supervisor.job;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.springframework.context.event.EventListener;
import org.springframework.stereotype.Component;

/**
 * Wakes waiting threads when a job or a host changes in this process. It only reduces latency:
 * changes by other supervisors are seen when the wait times out, so waiters must look again.
 */
@Component
public class JobSignals {

  private static final int STRIPES = 256;

  private final Stripe[] stripes = new Stripe[STRIPES];

  JobSignals() {
    for (var i = 0; i < STRIPES; i++) {
      stripes[i] = new Stripe();
    }
  }

  /** A place in the sequence of changes, taken before looking. */
  public long now(String job) {
    return stripe(job).changes.get();
  }

  /** Sleeps until something changed since {@code seen}, or {@code atMost} has passed. */
  public void await(String job, long seen, Duration atMost) throws InterruptedException {
    var stripe = stripe(job);
    stripe.lock.lockInterruptibly();
    try {
      var left = atMost.toNanos();
      while (stripe.changes.get() == seen && left > 0) {
        left = stripe.changed.awaitNanos(left);
      }
    } finally {
      stripe.lock.unlock();
    }
  }

  /** Wakes those who follow the job. */
  public void changed(String job) {
    var stripe = stripe(job);
    stripe.lock.lock();
    try {
      stripe.changes.incrementAndGet();
      stripe.changed.signalAll();
    } finally {
      stripe.lock.unlock();
    }
  }

  @EventListener
  void on(JobMoved moved) {
    changed(moved.job().id());
  }

  @EventListener
  void on(StopAsked asked) {
    changed(asked.host());
  }

  private Stripe stripe(String job) {
    return stripes[Math.floorMod(job.hashCode(), STRIPES)];
  }

  private static final class Stripe {
    private final AtomicLong changes = new AtomicLong();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
  }
}
