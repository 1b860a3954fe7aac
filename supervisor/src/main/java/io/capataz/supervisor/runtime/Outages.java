package io.capataz.supervisor.runtime;

import com.mongodb.MongoBulkWriteException;
import com.mongodb.MongoConnectionPoolClearedException;
import com.mongodb.MongoCursorNotFoundException;
import com.mongodb.MongoException;
import com.mongodb.MongoExecutionTimeoutException;
import com.mongodb.MongoInterruptedException;
import com.mongodb.MongoNodeIsRecoveringException;
import com.mongodb.MongoNotPrimaryException;
import com.mongodb.MongoOperationTimeoutException;
import com.mongodb.MongoSecurityException;
import com.mongodb.MongoServerException;
import com.mongodb.MongoServerUnavailableException;
import com.mongodb.MongoSocketException;
import com.mongodb.MongoSocketReadTimeoutException;
import com.mongodb.MongoStalePrimaryException;
import com.mongodb.MongoTimeoutException;
import com.mongodb.MongoWriteConcernException;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.DataAccessException;
import org.springframework.dao.DataAccessResourceFailureException;
import org.springframework.data.mongodb.core.MongoExceptionTranslator;

/**
 * Recognizes more exceptions as an outage of the store than the framework does: when a connection
 * breaks, calls waiting for another one fail too; during an election the old primary reports that
 * it no longer is one; a write may be done and not be confirmed by a majority in time; and a store
 * whose disk is full or broken answers, but does nothing.
 *
 * <p>An outage says that a retry makes sense, and not that nothing was done; see {@link
 * MongoRetry}.
 */
final class Outages extends MongoExceptionTranslator {

  /** Labels of servers and the driver on failures that may be retried. */
  private static final Set<String> LABELS =
      Set.of("RetryableWriteError", "RetryableError", "SystemOverloadedError");

  /** OutOfDiskSpace and FileStreamFailed. */
  private static final Set<Integer> OF_THE_DISK = Set.of(14_031, 39);

  /** MaxTimeMSExpired, WriteConcernTimeout, NetworkInterfaceExceededTimeLimit. */
  private static final Set<Integer> SLOW = Set.of(50, 64, 202);

  /** Codes of servers that cannot do now what they may well do in a moment. */
  private static final Set<Integer> CODES =
      Set.of(
          6, // HostUnreachable
          7, // HostNotFound
          24, // LockTimeout
          43, // CursorNotFound
          46, // LockBusy
          89, // NetworkTimeout
          91, // ShutdownInProgress
          100, // UnsatisfiableWriteConcern
          112, // WriteConflict
          133, // FailedToSatisfyReadPreference
          134, // ReadConcernMajorityNotAvailableYet
          189, // PrimarySteppedDown
          262, // ExceededTimeLimit
          290, // TransactionExceededLifetimeLimitSeconds
          317, // ConnectionPoolExpired
          365, // TemporarilyUnavailable
          462, // IngressRequestRateLimitExceeded
          9_001, // SocketException
          10_058, // LegacyNotPrimary
          10_107, // NotWritablePrimary
          11_600, // InterruptedAtShutdown
          11_601, // Interrupted
          11_602, // InterruptedDueToReplStateChange
          13_435, // NotPrimaryNoSecondaryOk
          13_436, // NotPrimaryOrSecondary
          16_500); // RequestRateTooLarge, of Cosmos DB

  @Override
  public @Nullable DataAccessException translateExceptionIfPossible(RuntimeException failure) {
    return isOutage(failure)
        ? new DataAccessResourceFailureException(String.valueOf(failure.getMessage()), failure)
        : super.translateExceptionIfPossible(failure);
  }

  private static boolean isOutage(@Nullable Throwable failure) {
    return switch (failure) {
      case MongoSocketException _,
          MongoTimeoutException _,
          MongoConnectionPoolClearedException _,
          MongoServerUnavailableException _,
          MongoStalePrimaryException _,
          MongoNotPrimaryException _,
          MongoNodeIsRecoveringException _,
          MongoExecutionTimeoutException _,
          MongoInterruptedException _,
          MongoCursorNotFoundException _ ->
          true;
      // The write is done where it was asked for; whether it stays is open.
      case MongoWriteConcernException _ -> true;
      case MongoBulkWriteException bulk ->
          bulk.getWriteErrors().isEmpty()
              ? bulk.getWriteConcernError() != null
              : bulk.getWriteErrors().stream().anyMatch(error -> isOutage(error.getCode()));
      // A connection that breaks while it is being made fails as a login that did not succeed.
      case MongoSecurityException login -> isOutage(login.getCause());
      case MongoException told ->
          isOutage(told.getCode()) || LABELS.stream().anyMatch(told::hasErrorLabel);
      case null, default -> false;
    };
  }

  private static boolean isOutage(int code) {
    return CODES.contains(code) || SLOW.contains(code) || OF_THE_DISK.contains(code);
  }

  /**
   * Whether nothing can have been done: no store was found, no connection was free, or the store
   * has said so because of its disk. A retry at once would meet the same.
   */
  static boolean isFutile(@Nullable Throwable cause) {
    return switch (cause) {
      case MongoOperationTimeoutException _ -> false;
      case MongoTimeoutException _ -> true;
      case MongoServerException refused -> OF_THE_DISK.contains(refused.getCode());
      case null, default -> false;
    };
  }

  /**
   * Whether a limit of time is used up. It is worth a look whether the call took effect; a retry
   * would use the same time again.
   */
  static boolean isSlow(@Nullable Throwable cause) {
    return switch (cause) {
      case MongoSocketReadTimeoutException _,
          MongoOperationTimeoutException _,
          MongoExecutionTimeoutException _ ->
          true;
      case MongoServerException told -> SLOW.contains(told.getCode());
      case null, default -> false;
    };
  }
}
