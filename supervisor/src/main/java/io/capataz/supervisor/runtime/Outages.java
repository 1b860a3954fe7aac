package io.capataz.supervisor.runtime;

import com.mongodb.MongoConnectionPoolClearedException;
import com.mongodb.MongoNodeIsRecoveringException;
import com.mongodb.MongoNotPrimaryException;
import com.mongodb.MongoServerException;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.DataAccessException;
import org.springframework.dao.DataAccessResourceFailureException;
import org.springframework.data.mongodb.core.MongoExceptionTranslator;

/**
 * Recognizes more exceptions as an outage of the store than the framework does: when a connection
 * breaks, calls waiting for another one fail too; during an election the old primary reports that
 * it no longer is one; and a store whose disk is full or broken answers, but does nothing.
 */
final class Outages extends MongoExceptionTranslator {

  private static final int WRITE_CONFLICT = 112;

  /** OutOfDiskSpace and FileStreamFailed. */
  private static final Set<Integer> OF_THE_DISK = Set.of(14_031, 39);

  @Override
  public @Nullable DataAccessException translateExceptionIfPossible(RuntimeException failure) {
    return switch (failure) {
      case MongoConnectionPoolClearedException cleared -> outage(cleared);
      case MongoNotPrimaryException stale -> outage(stale);
      case MongoNodeIsRecoveringException busy -> outage(busy);
      case MongoServerException refused
          when isOfTheDisk(refused) || refused.getCode() == WRITE_CONFLICT ->
          outage(refused);
      default -> super.translateExceptionIfPossible(failure);
    };
  }

  private static DataAccessResourceFailureException outage(RuntimeException failure) {
    return new DataAccessResourceFailureException(String.valueOf(failure.getMessage()), failure);
  }

  /**
   * Whether the store has said that it did nothing because of its disk. A retry at once would meet
   * the same disk.
   */
  static boolean isOfTheDisk(@Nullable Throwable cause) {
    return cause instanceof MongoServerException refused && OF_THE_DISK.contains(refused.getCode());
  }
}
