package io.capataz.supervisor.runtime;

import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * The time that one round of periodic work may take. What is left when it is over is left to the
 * next round, so that a slow store makes sweeps do less, not come later.
 */
public final class Round {

  /** For work that comes around every few seconds. */
  private static final Duration SWEEP = Duration.ofSeconds(5);

  /** For clean-ups, which nobody waits for. */
  private static final Duration CLEANUP = Duration.ofMinutes(10);

  private final LongSupplier nanos;
  private final long begun;
  private final long budget;

  Round(Duration budget, LongSupplier nanos) {
    this.nanos = nanos;
    this.begun = nanos.getAsLong();
    this.budget = budget.toNanos();
  }

  /** A round of work that comes around every few seconds begins. */
  public static Round ofSweep() {
    return new Round(SWEEP, System::nanoTime);
  }

  /** A round of a clean-up begins. */
  public static Round ofCleanup() {
    return new Round(CLEANUP, System::nanoTime);
  }

  /** Whether its time is used up. To be asked after each step, so that each round does one. */
  public boolean isOver() {
    return nanos.getAsLong() - begun >= budget;
  }
}
