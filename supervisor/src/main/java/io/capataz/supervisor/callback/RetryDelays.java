package io.capataz.supervisor.callback;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * When a delivery is tried. At once; then after 5 seconds, doubled each time, ten times; then every
 * two hours, ten times. Each delay varies by a tenth, so that what failed together does not come
 * back together.
 */
final class RetryDelays {

  /** The first try and 20 more (seed 001). */
  static final int TRIES = 21;

  /** No second try begins later. */
  static final Duration LIFE = Duration.ofHours(24);

  private static final int DOUBLED = 10;
  private static final Duration FIRST = Duration.ofSeconds(5);
  private static final Duration LAST = Duration.ofHours(2);
  private static final double JITTER = 0.1;

  /** A receiver that asks for more time than there is gets one more try, so long before the end. */
  private static final Duration BEFORE_THE_END = Duration.ofMinutes(2);

  private RetryDelays() {}

  /**
   * The delay after a try.
   *
   * @param number of the try, from 1
   * @param random from 0 to 1
   */
  static Duration delay(int number, double random) {
    var usual = number <= DOUBLED ? FIRST.multipliedBy(1L << (number - 1)) : LAST;
    return Duration.ofMillis((long) (usual.toMillis() * (1 + JITTER * (2 * random - 1))));
  }

  /**
   * When the next try begins.
   *
   * @param number of the try that failed, from 1
   * @param asked the delay that the receiver asked for; null: none
   * @return empty if it was the last one
   */
  static Optional<Instant> next(
      int number, Instant now, Instant deadline, @Nullable Duration asked, double random) {
    if (number >= TRIES) {
      return Optional.empty();
    }
    var delay = delay(number, random);
    var wanted = now.plus(asked != null && asked.compareTo(delay) > 0 ? asked : delay);
    var latest = deadline.minus(BEFORE_THE_END);
    var next = wanted.isAfter(latest) ? latest : wanted;
    return next.isAfter(now) ? Optional.of(next) : Optional.empty();
  }
}
