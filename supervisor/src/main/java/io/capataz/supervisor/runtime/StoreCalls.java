package io.capataz.supervisor.runtime;

import com.mongodb.MongoTimeoutException;
import java.util.Optional;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessResourceFailureException;

/**
 * Calls of the store whose answer may be lost on the way. Such a call may have been done or not;
 * nobody can tell from the failure. A driver repeats some of them by itself where the server has
 * sessions; these rules hold everywhere.
 */
public final class StoreCalls {

  private static final Logger log = LoggerFactory.getLogger(StoreCalls.class);

  /** A connection that breaks three times in a row is an outage, and told as one. */
  private static final int TRIES = 3;

  private StoreCalls() {}

  /** Does a call whose repetition changes nothing, again if its answer was lost. */
  public static <T> T repeatable(Supplier<T> call) {
    return again(call, Optional::empty);
  }

  /**
   * Does a call that must not be done twice. After a lost answer {@code done} looks whether it was
   * done; only if not it is done again, and once more {@code done} has the last word, because the
   * first one may still have been under way.
   */
  public static <T> Optional<T> settled(Supplier<Optional<T>> call, Supplier<Optional<T>> done) {
    return again(
        call,
        () -> {
          var found = done.get();
          return found.isPresent() ? Optional.of(found) : Optional.empty();
        });
  }

  private static <T> T again(Supplier<T> call, Supplier<Optional<T>> done) {
    for (var tries = 1; ; tries++) {
      try {
        var result = call.get();
        return tries == 1 ? result : done.get().orElse(result);
      } catch (DataAccessResourceFailureException lost) {
        if (tries == TRIES || lost.getRootCause() instanceof MongoTimeoutException) {
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
        if (lost.getRootCause() instanceof MongoTimeoutException) {
          throw lost;
        }
      }
    }
  }
}
