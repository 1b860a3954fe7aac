package io.capataz.supervisor.runtime;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Wakes threads that wait for a change of something with an id; also, now and then, for nothing.
 */
public final class Signals {

  private static final int STRIPES = 256;

  private final Stripe[] stripes = new Stripe[STRIPES];

  public Signals() {
    for (var i = 0; i < STRIPES; i++) {
      stripes[i] = new Stripe();
    }
  }

  /** A place in the sequence of changes, taken before looking. */
  public long now(String id) {
    return stripe(id).changes.get();
  }

  /** Sleeps until something changed since {@code seen}, or {@code atMost} has passed. */
  public void await(String id, long seen, Duration atMost) throws InterruptedException {
    var stripe = stripe(id);
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

  /** Wakes those who wait for it. */
  public void changed(String id) {
    stripe(id).wake();
  }

  /** Wakes all who wait. */
  public void allChanged() {
    for (var stripe : stripes) {
      stripe.wake();
    }
  }

  private Stripe stripe(String id) {
    return stripes[Math.floorMod(id.hashCode(), STRIPES)];
  }

  private static final class Stripe {
    private final AtomicLong changes = new AtomicLong();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();

    void wake() {
      lock.lock();
      try {
        changes.incrementAndGet();
        changed.signalAll();
      } finally {
        lock.unlock();
      }
    }
  }
}
