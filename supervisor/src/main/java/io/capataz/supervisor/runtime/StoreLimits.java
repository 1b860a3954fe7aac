package io.capataz.supervisor.runtime;

import static java.util.concurrent.TimeUnit.MILLISECONDS;

import com.mongodb.ConnectionString;
import com.mongodb.MongoClientSettings;
import com.mongodb.ReadConcern;
import com.mongodb.ReadPreference;
import com.mongodb.WriteConcern;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * How long calls to the store may take, and what counts as done. Without limits, a store that
 * cannot reach its majority, or whose machine is gone without a word, holds every request and every
 * sweep for as long as that lasts.
 *
 * <p>Times of the address, such as {@code socketTimeoutMS}, win over these. Its write and read
 * concerns do not: what is acknowledged must survive an election, and so must what is answered from
 * a read. The driver's own defaults would read what may yet be rolled back.
 */
final class StoreLimits {

  private static final Duration SELECTION = Duration.ofSeconds(15);
  private static final Duration CONNECT = Duration.ofSeconds(5);

  /** How long a write waits for the majority. */
  private static final Duration WRITE = Duration.ofSeconds(10);

  /** Longer than a write waits, so that the store says by itself that it could not. */
  private static final Duration READ = Duration.ofSeconds(15);

  /** How long a call waits for a free connection. */
  private static final Duration POOL = Duration.ofSeconds(10);

  /** Less than the time after which firewalls usually forget a connection. */
  private static final Duration IDLE = Duration.ofMinutes(5);

  /** After an election all callers want a new connection at once. */
  private static final int CONNECTING = 8;

  private StoreLimits() {}

  static MongoClientSettings.Builder settings(ConnectionString address) {
    return MongoClientSettings.builder()
        // Ours first, so that the address can override them.
        .applyToClusterSettings(
            cluster -> cluster.serverSelectionTimeout(SELECTION.toMillis(), MILLISECONDS))
        .applyToSocketSettings(
            socket ->
                socket
                    .connectTimeout(CONNECT.toMillis(), MILLISECONDS)
                    .readTimeout(READ.toMillis(), MILLISECONDS))
        .applyToConnectionPoolSettings(
            pool ->
                pool.maxWaitTime(POOL.toMillis(), MILLISECONDS)
                    .maxConnectionIdleTime(IDLE.toMillis(), MILLISECONDS)
                    .maxConnecting(CONNECTING))
        .applyConnectionString(address)
        .writeConcern(
            WriteConcern.MAJORITY
                .withJournal(true)
                .withWTimeout(writeMillis(address), TimeUnit.MILLISECONDS))
        .readConcern(ReadConcern.MAJORITY)
        .readPreference(ReadPreference.primary())
        .applicationName("capataz-supervisor");
  }

  private static long writeMillis(ConnectionString address) {
    return Optional.ofNullable(address.getWriteConcern())
        .map(concern -> concern.getWTimeout(MILLISECONDS))
        .filter(millis -> millis > 0)
        .map(Integer::longValue)
        .orElse(WRITE.toMillis());
  }
}
