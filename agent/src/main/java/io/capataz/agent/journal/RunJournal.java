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
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;

/**
 * What an agent must remember so that, after it was killed or the power was discardedBytes, it
 * neither runs anything twice nor forgets anything. It is told of a claim before the claim is made
 * and of a start before anything is started; what it was told last may be lost where it says so,
 * because then the supervisor is asked again and says the same.
 *
 * <p>A file that is only appended to. When most of it is about what is closed, a new one with what
 * is open takes its place.
 *
 * <p>May be used by many threads; those that wait for the disk at the same time wait together.
 */
public final class RunJournal implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(RunJournal.class);

  /** Below this a journal is not worth being tidied. */
  private static final long MIN_COMPACTION_BYTES = 256 << 10;

  private final JournalDisk disk;
  private final Path path;
  private final long minCompactionBytes;

  /**
   * Held by whoever waits for the disk, or changes the file under those who do. Taken before the
   * journal's own monitor, which is held while entries are added.
   */
  private final Object forceLock = new Object();

  private final JournalState state;

  /** How many bytes at the end of what was found were of no use. */
  private final long discardedBytes;

  private JournalFile file;
  private long length;
  private long compactAt;

  /** There may be a part of an entry behind {@link #length}. */
  private boolean torn;

  /**
   * The disk failed to keep what it had taken. It will not say so again, so nothing that is in this
   * file can be relied upon.
   */
  private boolean unreliable;

  /** Tidying has failed, and that was told. */
  private boolean compactionFailed;

  private boolean closed;

  /** How many entries were added. */
  private long added;

  /** How many of them would survive a power discardedBytes. */
  private long durable;

  /**
   * An attempt that was started and is not over.
   *
   * @param claim the claim that it was granted to
   * @param folder the name of its folder
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
    byte[] content = content(state);
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
   * Reads the journal and begins a new file with what is open in it; begins an empty one if there
   * is none.
   *
   * @throws IOException if it cannot be read or written; the message is a sentence for the person
   *     who started the agent
   */
  public static RunJournal open(Path path) throws IOException {
    RunJournal journal = open(path, JournalDisk.REAL, MIN_COMPACTION_BYTES);
    if (journal.discardedBytes > 0) {
      log.warn(
          "{} ended with {} bytes that were incomplete or corrupt; they were discarded",
          path,
          journal.discardedBytes);
    }
    return journal;
  }

  /**
   * @param minCompactionBytes the length in bytes below which it is never tidied
   */
  static RunJournal open(Path path, JournalDisk disk, long minCompactionBytes) throws IOException {
    try {
      byte[] content = content(path);
      JournalFrames.Whole whole = JournalFrames.read(content);
      JournalState state = new JournalState();
      whole.entries().forEach(state::add);
      return new RunJournal(disk, path, minCompactionBytes, state, content.length - whole.length());
    } catch (JacksonException e) {
      // Going on without it could run something twice.
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
   * The claim is about to be made. Would survive a power discardedBytes when this returns.
   *
   * @throws IOException if that cannot be promised: the claim must not be made
   */
  public void claiming(String claim) throws IOException {
    long entry;
    synchronized (this) {
      if (state.knows(claim)) {
        return;
      }
      entry = add(new Claiming(claim));
    }
    compactIfNeeded();
    try {
      awaitDurable(entry);
    } catch (IOException e) {
      withdraw(claim);
      throw e;
    }
  }

  /**
   * The claim's answer. An empty one closes the claim. A claim that is made again after a restart
   * may be answered again: what was started or is over stays so.
   */
  public void granted(String claim, List<AttemptId> attempts) throws IOException {
    add(new Granted(claim, attempts));
    compactIfNeeded();
  }

  /**
   * The attempt is about to be started. Would survive a power discardedBytes when this returns.
   *
   * @param folder the name of its folder
   * @throws IOException if that cannot be promised: nothing of it must be started. Whether it is
   *     remembered is open until it is said to be {@link #over}
   */
  public void starting(AttemptId attempt, String claim, String folder) throws IOException {
    long entry = add(new Starting(attempt, claim, folder));
    compactIfNeeded();
    awaitDurable(entry);
  }

  /** The attempt was reported or given up, whether it was started or not. */
  public void over(AttemptId attempt, String claim) throws IOException {
    add(new Over(attempt, claim));
    compactIfNeeded();
  }

  /**
   * Claims without an answer, or with granted attempts that are neither started nor over; in the
   * order in which they were made.
   */
  synchronized List<String> openClaims() {
    return state.claims();
  }

  /** Attempts that were started and are not over, in the order in which they were. */
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

  /** Returns the entry's number. */
  private synchronized long add(JournalEntry entry) throws IOException {
    checkOpen();
    if (torn) {
      file.truncate(length);
    }
    byte[] frame = JournalFrames.frame(entry);
    torn = true;
    file.write(length, frame);
    torn = false;
    length += frame.length;
    state.add(entry);
    return ++added;
  }

  /**
   * A claim that will not be made. The file is unreliable and will be written anew without it; if
   * the agent is killed before, the claim is made after all, which does no harm.
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
          // The old file is as good as it was, it only goes on growing.
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

  /** For those who hold both monitors. Makes all that was added durable. */
  private void rewrite() throws IOException {
    byte[] content = content(state);
    JournalFile fresh = createAndReplace(disk, path, content);
    closeQuietly(file);
    file = fresh;
    length = content.length;
    compactAt = Math.max(minCompactionBytes, 2 * length);
    torn = false;
    // Until the folder is on the disk, a power discardedBytes may bring the old file back.
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
    ByteArrayOutputStream content = new ByteArrayOutputStream();
    state.snapshot().forEach(entry -> content.writeBytes(JournalFrames.frame(entry)));
    return content.toByteArray();
  }

  private static JournalFile createAndReplace(JournalDisk disk, Path path, byte[] content)
      throws IOException {
    Path fresh = path.resolveSibling(path.getFileName() + ".new");
    JournalFile file = disk.create(fresh);
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
    Path folder = path.toAbsolutePath().getParent();
    if (folder == null) {
      throw new IOException(path + " cannot be the path of a journal.");
    }
    return folder;
  }

  /** For a file that nobody will read again. */
  private static void closeQuietly(JournalFile file) {
    try {
      file.close();
    } catch (IOException e) {
      log.debug("cannot close a journal file: {}", IoReason.of(e));
    }
  }
}
