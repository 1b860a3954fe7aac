package io.capataz.agent.job;

/** How many runs there may be at once. */
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

  /** Takes a slot that there is none of, for what has to be held all the same. */
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
