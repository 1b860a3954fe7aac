package io.capataz.agent.job;

/** Limits the number of concurrent runs. */
public final class JobSlots {

  private final int total;
  private int taken;

  public JobSlots(int total) {
    this.total = total;
  }

  synchronized int free() {
    return Math.max(0, total - taken);
  }

  /** Takes a slot; false if none is free. */
  synchronized boolean take() {
    if (taken >= total) {
      return false;
    }
    taken++;
    return true;
  }

  /** Takes a slot even if none is free, for runs that must be held anyway. */
  synchronized void takeBeyondLimit() {
    taken++;
  }

  synchronized void release() {
    if (taken == 0) {
      throw new IllegalStateException("Released a slot that was not taken.");
    }
    taken--;
  }
}
