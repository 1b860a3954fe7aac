package io.capataz.agent.link;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.random.RandomGenerator;

/**
 * How long until the next try: doubling from {@code first} to {@code max}, each time between half
 * and all of it, so that a thousand agents do not come back in step.
 *
 * @param first the pause after the first failure
 * @param max the longest pause
 * @param random where the jitter comes from
 */
public record Backoff(Duration first, Duration max, RandomGenerator random) {

  /** A call that may be interrupted. */
  @FunctionalInterface
  public interface Call<T> extends Callable<Reply<T>> {
    @Override
    Reply<T> call() throws InterruptedException;
  }

  /** The pause after so many failures in a row, counted from 1. */
  public Duration pause(int failures) {
    long max = this.max.toMillis();
    long whole = Math.min(max, first.toMillis() << Math.min(failures - 1, 20));
    return Duration.ofMillis(whole / 2 + random.nextLong(whole / 2 + 1));
  }

  /** Repeats a call until the supervisor answers it, one way or another. */
  public <T> Reply<T> untilReached(Call<T> call) throws InterruptedException {
    for (int failures = 1; ; failures++) {
      Reply<T> reply = call.call();
      if (!(reply instanceof Reply.Unreachable)) {
        return reply;
      }
      Thread.sleep(pause(failures));
    }
  }
}
