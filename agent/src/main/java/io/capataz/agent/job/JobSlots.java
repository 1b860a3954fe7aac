package io.capataz.agent.job;

/** Limits the number of concurrent runs. */
public final class JobSlots {

  private final int total;
  private int taken;

  /** How many of them are about to be released: nothing of their scripts runs any more. */
  private int leaving;

  public JobSlots(int total) {
    this.total = total;
  }

  synchronized int free() {
    return Math.max(0, total - taken);
  }

  /** The number of slots that are free, or free soon: what is granted now comes after that. */
  synchronized int freeSoon() {
    return Math.max(0, total - taken + Math.min(leaving, total));
  }

  /** The run of a taken slot is over, and is only to be reported. */
  synchronized void leave() {
    leaving++;
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

  /**
   * @param left whether {@link #leave} was called for it
   */
  synchronized void release(boolean left) {
    if (taken == 0) {
      throw new IllegalStateException("Released a slot that was not taken.");
    }
    taken--;
    leaving -= left ? 1 : 0;
  }
}
