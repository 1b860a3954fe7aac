package io.capataz.supervisor.runtime;

import com.mongodb.MongoTimeoutException;
import java.util.Optional;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessResourceFailureException;

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
   * still have been in progress.
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
      try {
        var result = call.get();
        return tries == 1 ? result : done.get().orElse(result);
      } catch (DataAccessResourceFailureException lost) {
        if (tries == TRIES || isFutile(lost)) {
          throw lost;
        }
        log.atDebug()
            .setCause(lost)
            .log("response from the store lost; checking whether the write took effect");
      }
      try {
        var before = done.get();
        if (before.isPresent()) {
          return before.get();
        }
      } catch (DataAccessResourceFailureException lost) {
        if (isFutile(lost)) {
          throw lost;
        }
      }
    }
  }

  /** Nothing was lost on the way: no store was found, or it has answered that it cannot. */
  private static boolean isFutile(DataAccessResourceFailureException lost) {
    var cause = lost.getRootCause();
    return cause instanceof MongoTimeoutException || Outages.isOfTheDisk(cause);
  }
}
