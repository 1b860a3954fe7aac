package io.capataz.supervisor.runtime;

import java.util.Optional;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessResourceFailureException;
import org.springframework.dao.DuplicateKeyException;

/**
 * Retries calls to the store whose response was lost. Such a call may have taken effect or not; the
 * failure does not say. A driver retries some calls by itself if the server has sessions; these
 * rules hold everywhere.
 */
public final class MongoRetry {

  private static final Logger log = LoggerFactory.getLogger(MongoRetry.class);

  /** A connection that breaks three times in a row is an outage and is reported as one. */
  private static final int TRIES = 3;

  private MongoRetry() {}

  /** Retries an idempotent call after an ambiguous failure. */
  public static <T> T idempotent(Supplier<T> call) {
    return again(call, Optional::empty);
  }

  /**
   * Retries a non-idempotent write after an ambiguous failure, unless {@code applied} finds that it
   * already took effect. After a retry {@code applied} decides too, because the first write may
   * still have been in progress. A write that used up its time, such as the one for which the
   * majority confirms, is looked for and not repeated.
   */
  public static <T> Optional<T> verified(
      Supplier<Optional<T>> call, Supplier<Optional<T>> applied) {
    return again(
        call,
        () -> {
          var found = applied.get();
          return found.isPresent() ? Optional.of(found) : Optional.empty();
        });
  }

  /**
   * Makes a write that nobody waits for and whose loss costs nothing, such as a note of when
   * something was last read: a store that takes no writes must not stop reads.
   */
  public static void ifPossible(Runnable write) {
    try {
      write.run();
    } catch (DataAccessResourceFailureException refused) {
      log.atDebug().setCause(refused).log("the store took no note");
    }
  }

  private static <T> T again(Supplier<T> call, Supplier<Optional<T>> done) {
    for (var tries = 1; ; tries++) {
      DataAccessResourceFailureException lost;
      try {
        var result = call.get();
        return tries == 1 ? result : done.get().orElse(result);
      } catch (DuplicateKeyException stored) {
        // By this call's own first try, if it was still in progress when it was looked for.
        return Optional.of(tries)
            .filter(n -> n > 1)
            .flatMap(_ -> done.get())
            .orElseThrow(() -> stored);
      } catch (DataAccessResourceFailureException failure) {
        lost = failure;
      }
      if (tries == TRIES || Outages.isFutile(lost.getRootCause())) {
        throw lost;
      }
      log.atDebug()
          .setCause(lost)
          .log("response from the store lost; checking whether the write took effect");
      var before = look(done);
      if (before.isPresent()) {
        return before.get();
      }
      if (Outages.isSlow(lost.getRootCause())) {
        throw lost;
      }
    }
  }

  /** Whether it took effect; a look that fails finds nothing, unless it would fail again. */
  private static <T> Optional<T> look(Supplier<Optional<T>> done) {
    try {
      return done.get();
    } catch (DataAccessResourceFailureException lost) {
      var cause = lost.getRootCause();
      if (Outages.isFutile(cause) || Outages.isSlow(cause)) {
        throw lost;
      }
      return Optional.empty();
    }
  }
}
