package io.capataz.embedded.store;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
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
 *
 * <p>A full or failing disk fails the changes of the open transaction and nothing else. The
 * transaction is rolled back, and every writer in it gets the failure. The connection is used again
 * only if it can begin another transaction; otherwise a new one replaces it. Writes succeed again
 * as soon as the disk accepts them; reads are not affected.
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

  private final Path file;
  private final String url;
  private final EmbeddedStore.Durability durability;
  private final @Nullable Object fileKey;
  private final ReentrantLock writing = new ReentrantLock();

  /** Null when it failed and no other could be opened yet. Guarded by {@link #writing}. */
  private @Nullable Session writer;

  private final ConcurrentLinkedDeque<Session> idleReaders = new ConcurrentLinkedDeque<>();
  private final LongAdder entriesRead = new LongAdder();
  private final LongAdder commits = new LongAdder();

  /** What one commit will serve. Guarded by {@link #writing}, as are the fields below. */
  private Group group = new Group();

  private long commitsUntilVacuum = COMMITS_BETWEEN_VACUUMS;
  private long rollbacks;
  private boolean halfDone;
  private long refusedInARow;
  private Runnable whenTablesAreLost = () -> {};

  /** How often tables were made or dropped. */
  private final AtomicLong definitions = new AtomicLong();

  /**
   * The open transaction, if it makes tables. Who finds a collection by its name may be faster than
   * the commit of its tables, which a reader's connection does not see before.
   */
  private volatile Group defining = NOTHING_TO_WAIT_FOR;

  private volatile boolean closed;

  Engine(Path file, EmbeddedStore.Durability durability) {
    this.file = file.toAbsolutePath();
    this.url = "jdbc:sqlite:" + this.file;
    this.durability = durability;
    this.writer = new Session(connect(false, true));
    this.fileKey = keyOfFile();
  }

  /**
   * What to do when tables that were made or dropped are as before, because their commit failed:
   * whatever is known of them in memory is wrong.
   */
  void whenTablesAreLost(Runnable forget) {
    whenTablesAreLost = forget;
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
        refuseIfClosed();
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
      Group done = group;
      commit();
      await(done); // Decided by now; the rest must not go on as if it were kept when it is not.
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
    group.changes++;
    group.definesTables = true;
    Session definer = writer();
    boolean done = false;
    definer.define("SAVEPOINT definition");
    try {
      T result = change.apply(definer);
      done = true;
      return result;
    } finally {
      // After a failure of the engine the whole transaction is undone at the end of this turn.
      if (definer.failure().isEmpty()) {
        if (!done) {
          definer.define("ROLLBACK TO definition");
        }
        definer.define("RELEASE definition");
      }
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
    Session open = writer == null ? new Session(connect(false, false)) : writer;
    writer = open;
    return open;
  }

  /**
   * Runs work that only reads: on the writer's connection within a write, else on one that sees
   * what is committed.
   */
  <T extends @Nullable Object> T read(Function<Session, T> work) {
    if (writing.isHeldByCurrentThread()) {
      return work.apply(writer());
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
    refuseIfClosed();
    if (!writing.isHeldByCurrentThread()) {
      awaitTables();
    }
    Session idle = idleReaders.poll();
    Session reader = idle == null ? new Session(connect(true, false)) : idle;
    reader.forgetStatementsOfOlder(definitions.get());
    return reader;
  }

  void giveBack(Session reader, boolean intact) {
    if (intact && !closed) {
      idleReaders.push(reader);
    } else {
      closeQuietly(reader);
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

  /** Lets the file grow to so many bytes and no further, as a full disk would. */
  void limitFile(long bytes) {
    try {
      write(
          () -> {
            long page = writer().number("PRAGMA page_size").orElseThrow();
            return writer()
                .number("PRAGMA max_page_count(%d)".formatted(Math.max(1, bytes / page)));
          });
    } catch (StoreFailure e) {
      // The changes of others with which it waited; the limit holds all the same.
      log.atDebug().setCause(e).log("a limit was set among changes that failed");
    }
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
      for (Session reader = idleReaders.poll(); reader != null; reader = idleReaders.poll()) {
        closeQuietly(reader);
      }
      if (writer != null) {
        closeQuietly(writer);
      }
    } finally {
      writing.unlock();
    }
  }

  private void begin() {
    if (group.changes == 0 && !halfDone) {
      writer().change("BEGIN IMMEDIATE");
      group.changes = 1;
    }
  }

  /**
   * Commits, or leaves it to the next in the queue, who will come here for certain: nobody leaves
   * the queue early.
   */
  private Group endTurn() {
    Group joined = group;
    Optional<StoreFailure> refused = writer == null ? Optional.empty() : writer.failure();
    if (halfDone || refused.isPresent()) {
      rollBack(
          refused.orElseGet(
              () ->
                  new StoreFailure(
                      StoreFailure.Kind.UNDONE,
                      "A change failed half-way; the changes around it were undone. Try again.")));
    } else if (joined.changes > 0
        && (!writing.hasQueuedThreads() || joined.changes >= MAX_CHANGES_PER_COMMIT)) {
      commit();
    }
    return joined.changes == 0 ? NOTHING_TO_WAIT_FOR : joined;
  }

  private void commit() {
    Group done = group;
    Session committing = writer();
    try {
      refuseIfFileIsGone();
      committing.change("COMMIT");
    } catch (StoreFailure e) {
      rollBack(e);
      return;
    }
    commits.increment();
    group = new Group();
    done.committed.complete(null);
    if (refusedInARow > 0) {
      log.atInfo()
          .addKeyValue("refused", refusedInARow)
          .log("the embedded store can write again; nothing that it acknowledged is lost");
      refusedInARow = 0;
    }
    if (--commitsUntilVacuum <= 0) {
      commitsUntilVacuum = COMMITS_BETWEEN_VACUUMS;
      returnFreePages(committing);
    }
  }

  private void rollBack(StoreFailure reason) {
    Group failed = group;
    group = new Group();
    halfDone = false;
    rollbacks++;
    renewWriter(reason.kind());
    if (failed.definesTables) {
      definitions.incrementAndGet();
      whenTablesAreLost.run();
    }
    if (reason.kind().isOutage() && reason.kind() != StoreFailure.Kind.UNDONE) {
      sayOnce(reason);
    } else {
      log.atError().setCause(reason).log("the embedded store undid changes it could not commit");
    }
    failed.committed.completeExceptionally(reason);
  }

  /** A full disk refuses every write for a while, and one line about it is enough. */
  private void sayOnce(StoreFailure reason) {
    if (refusedInARow++ == 0) {
      log.atError()
          .addKeyValue("file", file)
          .addKeyValue("failure", String.valueOf(reason.getMessage()))
          .log("the embedded store cannot write; it refuses writes until it can, and reads go on");
    } else {
      log.atDebug().setCause(reason).log("the embedded store still cannot write");
    }
  }

  /**
   * Sees to it that the next transaction can begin. A full disk is no fault of the connection;
   * after anything else another one is better, if it can be had.
   */
  private void renewWriter(StoreFailure.Kind why) {
    Session old = writer;
    if (old == null) {
      return;
    }
    boolean usable = old.recover() && (why != StoreFailure.Kind.NO_SPACE || emptyLog(old));
    if (usable && why != StoreFailure.Kind.DISK) {
      return;
    }
    try {
      refuseIfFileIsGone();
      writer = new Session(connect(false, false));
    } catch (StoreFailure e) {
      log.atDebug().setCause(e).log("no new connection to the embedded store's file yet");
      if (usable) {
        return;
      }
      writer = null; // The next one who writes tries again.
    }
    closeQuietly(old);
  }

  /**
   * Puts what the log holds into the file, as far as there is room: the next changes then take the
   * log's place instead of making it longer. Says whether the connection is still usable.
   */
  private static boolean emptyLog(Session session) {
    try {
      var _ = session.number("PRAGMA wal_checkpoint(PASSIVE)");
      return true;
    } catch (StoreFailure e) {
      log.atDebug().setCause(e).log("no room for what the log of the embedded store's file holds");
      return session.recover();
    }
  }

  private static void closeQuietly(Session session) {
    try {
      session.close();
    } catch (StoreFailure e) {
      log.atDebug().setCause(e).log("a connection to the embedded store's file did not close well");
    }
  }

  /** After a large deletion the file shrinks again, a little at a time. */
  private void returnFreePages(Session session) {
    try {
      long free = session.number("PRAGMA freelist_count").orElse(0);
      long all = session.number("PRAGMA page_count").orElse(0);
      if (free > PAGES_PER_VACUUM && free > all / 4) {
        session.define("PRAGMA incremental_vacuum(" + PAGES_PER_VACUUM + ")");
        commitsUntilVacuum = COMMITS_BETWEEN_VACUUMS_WHILE_THERE_IS_MUCH;
      }
    } catch (StoreFailure e) {
      // What was to be committed is; a file that stays large is no reason to tell the client
      // otherwise.
      log.atDebug().setCause(e).log("the embedded store could not make its file smaller");
      renewWriter(e.kind());
    }
  }

  private void refuseIfClosed() {
    if (closed) {
      throw new StoreFailure(
          StoreFailure.Kind.DISK, "The embedded store is closed; open it again.");
    }
  }

  /**
   * SQLite goes on writing into a file that was removed or replaced, and all of it would be gone
   * with this process.
   */
  private void refuseIfFileIsGone() {
    if (fileKey != null && !fileKey.equals(keyOfFile())) {
      throw new StoreFailure(
          StoreFailure.Kind.DISK,
          "The file %s of the embedded store was removed or replaced while the store was open. Put it back, or stop and restore a backup."
              .formatted(file));
    }
  }

  /** Identifies the file among others that had the same name; null if it is not there. */
  private @Nullable Object keyOfFile() {
    try {
      return Files.readAttributes(file, BasicFileAttributes.class).fileKey();
    } catch (IOException e) {
      return null;
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
      StoreFailure.Kind kind =
          e.getCause() instanceof StoreFailure refused ? refused.kind() : StoreFailure.Kind.UNDONE;
      throw new StoreFailure(
          kind,
          "The embedded store could not commit: %s Nothing of this command was kept."
              .formatted(
                  String.valueOf(
                      e.getCause() == null ? e.getMessage() : e.getCause().getMessage())),
          e);
    }
  }

  /**
   * @param create whether the file may be made. Only at the start: a file that is lost later must
   *     not come back as an empty one.
   */
  private Connection connect(boolean readOnly, boolean create) {
    SQLiteConfig config = new SQLiteConfig();
    config.setOpenMode(SQLiteOpenMode.NOMUTEX);
    if (!create) {
      config.resetOpenMode(SQLiteOpenMode.CREATE);
    }
    // Else the driver asks for the last key behind every insert, a fifth of what an insert costs.
    config.setGetGeneratedKeys(false);
    config.setBusyTimeout(10_000);
    try {
      Connection connection = config.createConnection(url);
      boolean ready = false;
      try {
        prepare(new Session(connection), readOnly);
        ready = true;
        return connection;
      } finally {
        if (!ready) {
          connection.close();
        }
      }
    } catch (SQLException e) {
      throw new StoreFailure(
          "Cannot open the embedded store %s: %s. Check that it is a file of this store and that the disk is writable."
              .formatted(url, e.getMessage()),
          e);
    }
  }

  private void prepare(Session session, boolean readOnly) {
    if (readOnly) {
      session.define("PRAGMA query_only=1");
      session.define("PRAGMA cache_size=-4096");
      return;
    }
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
}
