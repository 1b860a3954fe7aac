package io.capataz.agent.journal;

import io.capataz.agent.host.IoReason;
import io.capataz.agent.journal.JournalDisk.JournalFile;
import io.capataz.agent.journal.JournalEntry.Claiming;
import io.capataz.agent.journal.JournalEntry.Granted;
import io.capataz.agent.journal.JournalEntry.Over;
import io.capataz.agent.journal.JournalEntry.Starting;
import io.capataz.common.protocol.AttemptId;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;

/**
 * Write-ahead log of claims and starts. It ensures that after a crash or power failure no run is
 * started twice and none is forgotten. Claims and starts are durable before they happen. Other
 * entries may be lost in a crash, since the supervisor then repeats its answers.
 *
 * <p>An append-only file. When most of it concerns finished work, it is compacted: replaced by a
 * new file with the open entries.
 *
 * <p>Thread-safe. Concurrent writers share one fsync.
 */
public final class RunJournal implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(RunJournal.class);

  /** Size below which the journal is not compacted. */
  private static final long MIN_COMPACTION_BYTES = 256 << 10;

  private final JournalDisk disk;
  private final Path path;
  private final long minCompactionBytes;

  /**
   * Held while forcing data to disk, and while replacing the file. Acquired before the journal's
   * own monitor, which is held while appending.
   */
  private final Object forceLock = new Object();

  private final JournalState state;

  /** Number of bytes discarded at the end of the file that was opened. */
  private final long discardedBytes;

  private JournalFile file;
  private long length;
  private long compactAt;

  /** Part of an incomplete entry may follow {@link #length}. */
  private boolean torn;

  /**
   * Forcing data to disk failed. The disk will not report this again, so nothing in this file can
   * be relied upon.
   */
  private boolean unreliable;

  /** Compaction failed, and this was logged. */
  private boolean compactionFailed;

  private boolean closed;

  /** Number of entries appended. */
  private long added;

  /** Number of appended entries that are durable. */
  private long durable;

  /**
   * An attempt that was started and is not over.
   *
   * @param claim the claim that it was granted to
   * @param folder the name of its run folder
   */
  record OpenRun(AttemptId attempt, String claim, String folder) {}

  private RunJournal(
      JournalDisk disk, Path path, long minCompactionBytes, JournalState state, long discardedBytes)
      throws IOException {
    this.disk = disk;
    this.path = path;
    this.minCompactionBytes = minCompactionBytes;
    this.state = state;
    this.discardedBytes = discardedBytes;
    var content = content(state);
    this.file = createAndReplace(disk, path, content);
    this.length = content.length;
    this.compactAt = Math.max(minCompactionBytes, 2 * length);
    try {
      disk.forceFolder(folder(path));
    } catch (IOException e) {
      closeQuietly(file);
      throw e;
    }
  }

  /**
   * Opens a journal: reads the existing file, if any, and replaces it with a compacted one.
   *
   * @throws IOException if it cannot be read or written, with a message for the person who started
   *     the agent
   */
  public static RunJournal open(Path path) throws IOException {
    var journal = open(path, JournalDisk.REAL, MIN_COMPACTION_BYTES);
    if (journal.discardedBytes > 0) {
      log.warn(
          "{} ended with {} bytes that were incomplete or corrupt; they were discarded",
          path,
          journal.discardedBytes);
    }
    return journal;
  }

  /**
   * @param minCompactionBytes size below which the journal is not compacted
   */
  static RunJournal open(Path path, JournalDisk disk, long minCompactionBytes) throws IOException {
    try {
      var content = content(path);
      var whole = JournalFrames.read(content);
      var state = new JournalState();
      whole.entries().forEach(state::add);
      return new RunJournal(disk, path, minCompactionBytes, state, content.length - whole.length());
    } catch (JacksonException e) {
      // Continuing without the entry could start a run twice.
      throw new IOException(
          "The journal "
              + path
              + " has an entry that this version does not know, so a newer agent wrote it. Start"
              + " that version, or remove the file once no run of the agent is left.",
          e);
    } catch (IOException e) {
      throw new IOException(
          "Cannot use the journal "
              + path
              + ": "
              + IoReason.of(e)
              + ". Check that it and its folder are writable for this user and that the disk has"
              + " free space.",
          e);
    }
  }

  private static byte[] content(Path path) throws IOException {
    try {
      return Files.readAllBytes(path);
    } catch (NoSuchFileException e) {
      return new byte[0];
    }
  }

  /**
   * Records that a claim is about to be sent. Durable on return.
   *
   * @throws IOException if it cannot be recorded; the claim must not be sent then
   */
  public void claiming(String claim) throws IOException {
    claiming(List.of(claim));
  }

  /** The same for several claims at once. */
  public void claiming(List<String> claims) throws IOException {
    var fresh = new ArrayList<String>();
    try {
      long entry = 0;
      synchronized (this) {
        for (var claim : claims) {
          if (!state.knows(claim)) {
            entry = add(new Claiming(claim));
            fresh.add(claim);
          }
        }
      }
      if (!fresh.isEmpty()) {
        compactIfNeeded();
        awaitDurable(entry);
      }
    } catch (IOException e) {
      fresh.forEach(this::withdraw);
      throw e;
    }
  }

  /**
   * Records the answer to a claim. An empty answer closes the claim. A claim that is repeated after
   * a restart may be answered again: started and finished attempts keep their state.
   */
  public void granted(String claim, List<AttemptId> attempts) throws IOException {
    add(new Granted(claim, attempts));
    compactIfNeeded();
  }

  /**
   * Records that an attempt is about to be started. Durable on return.
   *
   * @param folder the name of its run folder
   * @throws IOException if it cannot be recorded; the attempt must not be started then. Whether it
   *     is remembered is undefined until {@link #over}
   */
  public void starting(AttemptId attempt, String claim, String folder) throws IOException {
    long entry = add(new Starting(attempt, claim, folder));
    compactIfNeeded();
    awaitDurable(entry);
  }

  /** Records that an attempt was reported or given up, whether it was started or not. */
  public void over(AttemptId attempt, String claim) throws IOException {
    add(new Over(attempt, claim));
    compactIfNeeded();
  }

  /**
   * Claims that are unanswered, or have granted attempts that are neither started nor over; in
   * order of creation.
   */
  synchronized List<String> openClaims() {
    return state.claims();
  }

  /** Attempts that were started and are not over, in order of their start. */
  synchronized List<OpenRun> openRuns() {
    return state.runs();
  }

  @Override
  public void close() throws IOException {
    synchronized (forceLock) {
      synchronized (this) {
        if (closed) {
          return;
        }
        try {
          if (unreliable) {
            rewrite();
          } else {
            file.force();
            durable = added;
          }
        } finally {
          closed = true;
          file.close();
        }
      }
    }
  }

  /** Appends an entry and returns its number. */
  private synchronized long add(JournalEntry entry) throws IOException {
    checkOpen();
    if (torn) {
      file.truncate(length);
    }
    var frame = JournalFrames.frame(entry);
    torn = true;
    file.write(length, frame);
    torn = false;
    length += frame.length;
    state.add(entry);
    return ++added;
  }

  /**
   * Withdraws a claim that will not be sent. The file is unreliable and will be rewritten without
   * it. If the agent is killed before that, the claim is sent after all, which is harmless.
   */
  private synchronized void withdraw(String claim) {
    state.add(new Granted(claim, List.of()));
  }

  private void awaitDurable(long entry) throws IOException {
    synchronized (forceLock) {
      if (durable >= entry) {
        return;
      }
      JournalFile current;
      long upTo;
      synchronized (this) {
        checkOpen();
        if (unreliable) {
          rewrite();
          return;
        }
        current = file;
        upTo = added;
      }
      try {
        current.force();
        durable = upTo;
      } catch (IOException e) {
        synchronized (this) {
          unreliable = true;
        }
        throw e;
      }
    }
  }

  private void compactIfNeeded() {
    if (!needsCompaction()) {
      return;
    }
    synchronized (forceLock) {
      synchronized (this) {
        if (!needsCompaction()) {
          return;
        }
        try {
          rewrite();
        } catch (IOException e) {
          // The old file is still valid, but keeps growing.
          compactAt = length + minCompactionBytes;
          if (!compactionFailed) {
            log.warn("cannot compact {}, so it keeps growing: {}", path, IoReason.of(e));
          }
          compactionFailed = true;
        }
      }
    }
  }

  private synchronized boolean needsCompaction() {
    return length >= compactAt && !closed;
  }

  /**
   * Replaces the file by a compacted one, which makes all entries durable. The caller holds both
   * monitors.
   */
  private void rewrite() throws IOException {
    var content = content(state);
    var fresh = createAndReplace(disk, path, content);
    closeQuietly(file);
    file = fresh;
    length = content.length;
    compactAt = Math.max(minCompactionBytes, 2 * length);
    torn = false;
    // Until the folder is durable, a power failure may bring back the old file.
    unreliable = true;
    disk.forceFolder(folder(path));
    unreliable = false;
    compactionFailed = false;
    durable = added;
  }

  private void checkOpen() throws IOException {
    if (closed) {
      throw new IOException("The journal " + path + " is closed.");
    }
  }

  private static byte[] content(JournalState state) {
    var content = new ByteArrayOutputStream();
    state.snapshot().forEach(entry -> content.writeBytes(JournalFrames.frame(entry)));
    return content.toByteArray();
  }

  private static JournalFile createAndReplace(JournalDisk disk, Path path, byte[] content)
      throws IOException {
    var fresh = path.resolveSibling(path.getFileName() + ".new");
    var file = disk.create(fresh);
    try {
      file.write(0, content);
      file.force();
      disk.replace(path, fresh);
      return file;
    } catch (IOException e) {
      closeQuietly(file);
      try {
        Files.deleteIfExists(fresh);
      } catch (IOException again) {
        e.addSuppressed(again);
      }
      throw e;
    }
  }

  private static Path folder(Path path) throws IOException {
    var folder = path.toAbsolutePath().getParent();
    if (folder == null) {
      throw new IOException(path + " cannot be the path of a journal.");
    }
    return folder;
  }

  /** Closes a file that is not used any more. */
  private static void closeQuietly(JournalFile file) {
    try {
      file.close();
    } catch (IOException e) {
      log.debug("cannot close a journal file: {}", IoReason.of(e));
    }
  }
}
