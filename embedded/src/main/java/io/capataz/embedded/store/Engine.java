package io.capataz.embedded.store;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteOpenMode;

/**
 * The SQLite file: one writer, many readers, and a commit that is shared.
 *
 * <p>Writers take turns. Whoever ends a turn while others queue leaves the commit to them; whoever
 * ends it with nobody behind commits for all. Nobody is answered before the commit that holds his
 * changes, nor before one that holds changes he saw. So a single writer commits at once, and under
 * load one commit serves everybody who waits, without a timer and without a thread of its own.
 *
 * <p>Readers use connections of their own and see only what is committed; while tables are being
 * made they wait for that commit.
 */
final class Engine implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(Engine.class);

  /** Bounds how long the first writer of a group waits, and how large the log grows. */
  private static final int MAX_CHANGES_PER_COMMIT = 2_000;

  private static final int PAGES_OF_LOG_BETWEEN_CHECKPOINTS = 2_000;
  private static final int MAX_BYTES_OF_IDLE_LOG = 16 << 20;
  private static final int COMMITS_BETWEEN_VACUUMS = 512;
  private static final int COMMITS_BETWEEN_VACUUMS_WHILE_THERE_IS_MUCH = 8;
  private static final int PAGES_PER_VACUUM = 256;
  private static final int MOST_SECONDS_FOR_TABLES = 5;

  private final String url;
  private final EmbeddedStore.Durability durability;
  private final ReentrantLock writing = new ReentrantLock();
  private final Session writer;
  private final ConcurrentLinkedDeque<Session> idleReaders = new ConcurrentLinkedDeque<>();
  private final LongAdder entriesRead = new LongAdder();
  private final LongAdder commits = new LongAdder();

  /** What one commit will serve. Guarded by {@link #writing}, as are the fields below. */
  private Group group = new Group();

  private long commitsUntilVacuum = COMMITS_BETWEEN_VACUUMS;
  private long rollbacks;
  private boolean halfDone;
  private @Nullable StoreFailure broken;

  /** How often tables were made or dropped. */
  private final AtomicLong definitions = new AtomicLong();

  /**
   * The open transaction, if it makes tables. Who finds a collection by its name may be faster than
   * the commit of its tables, which a reader's connection does not see before.
   */
  private volatile Group defining = NOTHING_TO_WAIT_FOR;

  private volatile boolean closed;

  Engine(Path file, EmbeddedStore.Durability durability) {
    this.url = "jdbc:sqlite:" + file.toAbsolutePath();
    this.durability = durability;
    this.writer = new Session(connect(false));
  }

  /** The writers whose changes are in the open transaction. */
  private static final class Group {
    private final CompletableFuture<@Nullable Void> committed = new CompletableFuture<>();
    private int changes;
    private boolean definesTables;
  }

  private static final Group NOTHING_TO_WAIT_FOR = new Group();

  static {
    NOTHING_TO_WAIT_FOR.committed.complete(null);
  }

  /**
   * Runs work that may change something, alone. Returns, also exceptionally, only after everything
   * that the work wrote or saw is committed.
   */
  <T extends @Nullable Object> T write(Supplier<T> work) {
    if (writing.isHeldByCurrentThread()) {
      return work.get();
    }
    Group joined = NOTHING_TO_WAIT_FOR;
    writing.lock();
    try {
      try {
        refuseIfBroken();
        return work.get();
      } finally {
        joined = endTurn();
      }
    } finally {
      writing.unlock();
      await(joined);
    }
  }

  boolean isWriting() {
    return writing.isHeldByCurrentThread();
  }

  /**
   * Gives a long write the chance to commit what it has, so that a huge deletion is not one huge
   * transaction.
   */
  void breathe() {
    if (group.changes >= MAX_CHANGES_PER_COMMIT && !halfDone) {
      commit();
    }
  }

  /**
   * Runs changes that belong together, such as a document and its index entries. If they do not all
   * succeed, nothing of the open transaction is committed.
   */
  void change(Runnable changes) {
    begin();
    halfDone = true;
    changes.run();
    halfDone = false;
    group.changes++;
  }

  /**
   * Like {@link #change}, for tables; if it fails, the tables are as before and others' changes are
   * untouched.
   */
  <T extends @Nullable Object> T define(Function<Session, T> change) {
    begin();
    boolean done = false;
    writer.define("SAVEPOINT definition");
    try {
      T result = change.apply(writer);
      done = true;
      return result;
    } finally {
      if (!done) {
        writer.define("ROLLBACK TO definition");
      }
      writer.define("RELEASE definition");
      group.changes++;
      group.definesTables |= done;
      if (done) {
        defining = group;
      }
      definitions.incrementAndGet();
    }
  }

  Session writer() {
    if (!writing.isHeldByCurrentThread()) {
      throw new IllegalStateException(
          "only the thread that writes may use the writer's connection");
    }
    return writer;
  }

  /**
   * Runs work that only reads: on the writer's connection within a write, else on one that sees
   * what is committed.
   */
  <T extends @Nullable Object> T read(Function<Session, T> work) {
    if (writing.isHeldByCurrentThread()) {
      return work.apply(writer);
    }
    Session reader = borrowReader();
    boolean intact = false;
    try {
      T result = work.apply(reader);
      intact = true;
      return result;
    } finally {
      giveBack(reader, intact);
    }
  }

  Session borrowReader() {
    if (closed) {
      throw new StoreFailure("The embedded store is closed; open it again.");
    }
    if (!writing.isHeldByCurrentThread()) {
      awaitTables();
    }
    Session idle = idleReaders.poll();
    Session reader = idle == null ? new Session(connect(true)) : idle;
    reader.forgetStatementsOfOlder(definitions.get());
    return reader;
  }

  void giveBack(Session reader, boolean intact) {
    if (intact && !closed) {
      idleReaders.push(reader);
    } else {
      reader.close();
    }
  }

  /** Changes whenever uncommitted work was thrown away, and with it everything derived from it. */
  long rollbacks() {
    return rollbacks;
  }

  /**
   * How many index entries and documents were stepped over since the start: the work that queries
   * cost.
   */
  long entriesRead() {
    return entriesRead.sum();
  }

  void countEntryRead() {
    entriesRead.increment();
  }

  long commits() {
    return commits.sum();
  }

  @Override
  public void close() {
    writing.lock();
    try {
      if (closed) {
        return;
      }
      closed = true;
      if (group.changes > 0) {
        commit();
      }
      broken = new StoreFailure("The embedded store is closed; open it again.");
      Optional<Session> reader = Optional.ofNullable(idleReaders.poll());
      while (reader.isPresent()) {
        reader.get().close();
        reader = Optional.ofNullable(idleReaders.poll());
      }
      writer.close();
    } finally {
      writing.unlock();
    }
  }

  private void begin() {
    if (group.changes == 0 && !halfDone) {
      writer.change("BEGIN IMMEDIATE");
      group.changes = 1;
    }
  }

  /**
   * Commits, or leaves it to the next in the queue, who will come here for certain: nobody leaves
   * the queue early.
   */
  private Group endTurn() {
    Group joined = group;
    if (halfDone) {
      rollBack(
          new StoreFailure(
              "A change failed half-way; the changes around it were undone. Try again."));
    } else if (joined.changes > 0
        && (!writing.hasQueuedThreads() || joined.changes >= MAX_CHANGES_PER_COMMIT)) {
      commit();
    }
    return joined.changes == 0 ? NOTHING_TO_WAIT_FOR : joined;
  }

  private void commit() {
    Group done = group;
    try {
      writer.change("COMMIT");
    } catch (StoreFailure e) {
      rollBack(e);
      return;
    }
    commits.increment();
    group = new Group();
    done.committed.complete(null);
    if (--commitsUntilVacuum <= 0) {
      commitsUntilVacuum = COMMITS_BETWEEN_VACUUMS;
      returnFreePages();
    }
  }

  private void rollBack(StoreFailure reason) {
    Group failed = group;
    group = new Group();
    halfDone = false;
    rollbacks++;
    try {
      writer.change("ROLLBACK");
    } catch (StoreFailure e) {
      // SQLite rolls back by itself when the disk fails; then there is nothing left to roll back.
      log.atDebug().setCause(e).log("no transaction was open to roll back");
    }
    if (failed.definesTables) {
      broken =
          new StoreFailure(
              "The embedded store lost a change of its collections or indexes and stopped, because what it has in memory"
                  + " no longer agrees with its file. Start it again.",
              reason);
    }
    log.atError().setCause(reason).log("the embedded store undid changes it could not commit");
    failed.committed.completeExceptionally(reason);
  }

  /** After a large deletion the file shrinks again, a little at a time. */
  private void returnFreePages() {
    try {
      long free = writer.number("PRAGMA freelist_count").orElse(0);
      long all = writer.number("PRAGMA page_count").orElse(0);
      if (free > PAGES_PER_VACUUM && free > all / 4) {
        writer.define("PRAGMA incremental_vacuum(" + PAGES_PER_VACUUM + ")");
        commitsUntilVacuum = COMMITS_BETWEEN_VACUUMS_WHILE_THERE_IS_MUCH;
      }
    } catch (StoreFailure e) {
      // What was to be committed is; a file that stays large is no reason to tell anybody
      // otherwise.
      log.atWarn().setCause(e).log("the embedded store could not make its file smaller");
    }
  }

  private void refuseIfBroken() {
    StoreFailure failure = broken;
    if (failure != null) {
      throw failure;
    }
  }

  /** Not for ever: somebody may wait for this reader in turn. */
  private void awaitTables() {
    try {
      var _ = defining.committed.get(MOST_SECONDS_FOR_TABLES, TimeUnit.SECONDS);
    } catch (ExecutionException | TimeoutException e) {
      log.atDebug()
          .setCause(e)
          .log("tables that were being made are not there; reading all the same");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void await(Group joined) {
    try {
      joined.committed.join();
    } catch (CompletionException e) {
      throw new StoreFailure(
          "The embedded store could not commit: %s Nothing of this command was kept."
              .formatted(
                  String.valueOf(
                      e.getCause() == null ? e.getMessage() : e.getCause().getMessage())),
          e);
    }
  }

  private Connection connect(boolean readOnly) {
    SQLiteConfig config = new SQLiteConfig();
    config.setOpenMode(SQLiteOpenMode.NOMUTEX);
    config.setBusyTimeout(10_000);
    try {
      Connection connection = config.createConnection(url);
      Session session = new Session(connection);
      if (readOnly) {
        session.define("PRAGMA query_only=1");
        session.define("PRAGMA cache_size=-4096");
      } else {
        // Both are kept in the file, and the first must come before the file has its first page.
        session.define("PRAGMA auto_vacuum=INCREMENTAL");
        session.define("PRAGMA journal_mode=WAL");
        session.define("PRAGMA synchronous=" + durability.synchronous());
        session.define(
            "PRAGMA fullfsync=" + (durability == EmbeddedStore.Durability.POWER_LOSS ? 1 : 0));
        session.define("PRAGMA cache_size=-32768");
        session.define("PRAGMA wal_autocheckpoint=" + PAGES_OF_LOG_BETWEEN_CHECKPOINTS);
        session.define("PRAGMA journal_size_limit=" + MAX_BYTES_OF_IDLE_LOG);
      }
      return connection;
    } catch (SQLException e) {
      throw new StoreFailure(
          "Cannot open the embedded store %s: %s. Check that it is a file of this store and that the disk is writable."
              .formatted(url, e.getMessage()),
          e);
    }
  }
}
