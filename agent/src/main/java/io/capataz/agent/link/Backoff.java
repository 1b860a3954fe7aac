package io.capataz.agent.link;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.random.RandomGenerator;

/**
 * Exponential backoff with jitter: doubles from {@code first} to {@code max}, and takes a random
 * pause between half and all of it, so that many agents do not retry in step.
 *
 * @param first the pause after the first failure
 * @param max the longest pause
 * @param random source of the jitter
 */
public record Backoff(Duration first, Duration max, RandomGenerator random) {

  /** An interruptible call. */
  @FunctionalInterface
  public interface Call<T> extends Callable<Reply<T>> {
    @Override
    Reply<T> call() throws InterruptedException;
  }

  /** The pause after a number of consecutive failures, counted from 1. */
  public Duration pause(int failures) {
    long max = this.max.toMillis();
    long whole = Math.min(max, first.toMillis() << Math.min(failures - 1, 20));
    return Duration.ofMillis(whole / 2 + random.nextLong(whole / 2 + 1));
  }

  /** Repeats a call until the supervisor answers, whatever the answer. */
  public <T> Reply<T> untilReached(Call<T> call) throws InterruptedException {
    for (int failures = 1; ; failures++) {
      var reply = call.call();
      if (!(reply instanceof Reply.Unreachable)) {
        return reply;
      }
      Thread.sleep(pause(failures));
    }
  }
}
