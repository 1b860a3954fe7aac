package io.capataz.agent.journal;

import io.capataz.agent.journal.JournalDisk.Sheet;
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
 * What an agent must remember so that, after it was killed or the power was cut, it neither runs
 * anything twice nor forgets anything. It is told of a claim before the claim is made and of a
 * start before anything is started; what it was told last may be lost where it says so, because
 * then the supervisor is asked again and says the same.
 *
 * <p>A file that is only appended to. When most of it is about what is closed, a new one with what
 * is open takes its place.
 *
 * <p>May be used by many threads; those that wait for the disk at the same time wait together.
 */
public final class RunJournal implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(RunJournal.class);

  /** Below this a journal is not worth being tidied. */
  private static final long SMALL = 256 << 10;

  private final JournalDisk disk;
  private final Path path;
  private final long small;

  /**
   * Held by whoever waits for the disk, or changes the file under those who do. Taken before the
   * journal's own monitor, which is held while entries are added.
   */
  private final Object forcing = new Object();

  private final OpenWork work;

  /** How many bytes at the end of what was found were of no use. */
  private final long cut;

  private Sheet sheet;
  private long length;
  private long tidyAt;

  /** There may be a part of an entry behind {@link #length}. */
  private boolean torn;

  /**
   * The disk failed to keep what it had taken. It will not say so again, so nothing that is in this
   * file can be relied upon.
   */
  private boolean suspect;

  /** Tidying has failed, and that was told. */
  private boolean untidy;

  private boolean closed;

  /** How many entries were added. */
  private long added;

  /** How many of them would survive a power cut. */
  private long durable;

  /**
   * An attempt that was started and is not over.
   *
   * @param claim the claim that it was granted to
   * @param folder the name of its folder
   */
  record OpenRun(AttemptId attempt, String claim, String folder) {}

  private RunJournal(JournalDisk disk, Path path, long small, OpenWork work, long cut)
      throws IOException {
    this.disk = disk;
    this.path = path;
    this.small = small;
    this.work = work;
    this.cut = cut;
    byte[] content = content(work);
    this.sheet = putInPlace(disk, path, content);
    this.length = content.length;
    this.tidyAt = Math.max(small, 2 * length);
    try {
      disk.forceFolder(folder(path));
    } catch (IOException e) {
      closeQuietly(sheet);
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
    RunJournal journal = open(path, JournalDisk.REAL, SMALL);
    if (journal.cut > 0) {
      log.warn(
          "{} ended in {} bytes that were not written to their end or are damaged; they were cut",
          path,
          journal.cut);
    }
    return journal;
  }

  /**
   * @param small the length in bytes below which it is never tidied
   */
  static RunJournal open(Path path, JournalDisk disk, long small) throws IOException {
    try {
      byte[] content = content(path);
      JournalFrames.Whole whole = JournalFrames.read(content);
      OpenWork work = new OpenWork();
      whole.entries().forEach(work::add);
      return new RunJournal(disk, path, small, work, content.length - whole.length());
    } catch (JacksonException e) {
      // Going on without it could run something twice.
      throw new IOException(
          "The journal "
              + path
              + " has an entry that this agent does not know, so a newer one has written it. Start"
              + " that one, or remove the file when nothing of the agent's runs is left.",
          e);
    } catch (IOException e) {
      throw new IOException(
          "The journal "
              + path
              + " cannot be used: "
              + e
              + ". See that it and its folder are writable for this user and that the disk has"
              + " room.",
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
   * The claim is about to be made. Would survive a power cut when this returns.
   *
   * @throws IOException if that cannot be promised: the claim must not be made
   */
  public void claiming(String claim) throws IOException {
    long mine;
    synchronized (this) {
      if (work.knows(claim)) {
        return;
      }
      mine = add(new Claiming(claim));
    }
    tidy();
    try {
      awaitDurable(mine);
    } catch (IOException e) {
      drop(claim);
      throw e;
    }
  }

  /**
   * The claim's answer. An empty one closes the claim. A claim that is made again after a restart
   * may be answered again: what was started or is over stays so.
   */
  public void granted(String claim, List<AttemptId> attempts) throws IOException {
    add(new Granted(claim, attempts));
    tidy();
  }

  /**
   * The attempt is about to be started. Would survive a power cut when this returns.
   *
   * @param folder the name of its folder
   * @throws IOException if that cannot be promised: nothing of it must be started. Whether it is
   *     remembered is open until it is said to be {@link #over}
   */
  public void starting(AttemptId attempt, String claim, String folder) throws IOException {
    long mine = add(new Starting(attempt, claim, folder));
    tidy();
    awaitDurable(mine);
  }

  /** The attempt was reported or given up, whether it was started or not. */
  public void over(AttemptId attempt, String claim) throws IOException {
    add(new Over(attempt, claim));
    tidy();
  }

  /**
   * Claims without an answer, or with granted attempts that are neither started nor over; in the
   * order in which they were made.
   */
  synchronized List<String> openClaims() {
    return work.claims();
  }

  /** Attempts that were started and are not over, in the order in which they were. */
  synchronized List<OpenRun> openRuns() {
    return work.runs();
  }

  @Override
  public void close() throws IOException {
    synchronized (forcing) {
      synchronized (this) {
        if (closed) {
          return;
        }
        try {
          if (suspect) {
            writeAnew();
          } else {
            sheet.force();
            durable = added;
          }
        } finally {
          closed = true;
          sheet.close();
        }
      }
    }
  }

  /** Returns the entry's number. */
  private synchronized long add(JournalEntry entry) throws IOException {
    checkOpen();
    if (torn) {
      sheet.truncate(length);
    }
    byte[] frame = JournalFrames.frame(entry);
    torn = true;
    sheet.write(length, frame);
    torn = false;
    length += frame.length;
    work.add(entry);
    return ++added;
  }

  /**
   * A claim that will not be made. The file is suspect and will be written anew without it; if the
   * agent is killed before, the claim is made after all, which does no harm.
   */
  private synchronized void drop(String claim) {
    work.add(new Granted(claim, List.of()));
  }

  private void awaitDurable(long mine) throws IOException {
    synchronized (forcing) {
      if (durable >= mine) {
        return;
      }
      Sheet current;
      long upTo;
      synchronized (this) {
        checkOpen();
        if (suspect) {
          writeAnew();
          return;
        }
        current = sheet;
        upTo = added;
      }
      try {
        current.force();
        durable = upTo;
      } catch (IOException e) {
        synchronized (this) {
          suspect = true;
        }
        throw e;
      }
    }
  }

  private void tidy() {
    if (!isUntidy()) {
      return;
    }
    synchronized (forcing) {
      synchronized (this) {
        if (!isUntidy()) {
          return;
        }
        try {
          writeAnew();
        } catch (IOException e) {
          // The old file is as good as it was, it only goes on growing.
          tidyAt = length + small;
          if (!untidy) {
            log.warn("{} grows, because it cannot be tidied: {}", path, e.toString());
          }
          untidy = true;
        }
      }
    }
  }

  private synchronized boolean isUntidy() {
    return length >= tidyAt && !closed;
  }

  /** For those who hold both monitors. Makes all that was added durable. */
  private void writeAnew() throws IOException {
    byte[] content = content(work);
    Sheet fresh = putInPlace(disk, path, content);
    closeQuietly(sheet);
    sheet = fresh;
    length = content.length;
    tidyAt = Math.max(small, 2 * length);
    torn = false;
    // Until the folder is on the disk, a power cut may bring the old file back.
    suspect = true;
    disk.forceFolder(folder(path));
    suspect = false;
    untidy = false;
    durable = added;
  }

  private void checkOpen() throws IOException {
    if (closed) {
      throw new IOException("The journal " + path + " is closed.");
    }
  }

  private static byte[] content(OpenWork work) {
    ByteArrayOutputStream content = new ByteArrayOutputStream();
    work.entries().forEach(entry -> content.writeBytes(JournalFrames.frame(entry)));
    return content.toByteArray();
  }

  private static Sheet putInPlace(JournalDisk disk, Path path, byte[] content) throws IOException {
    Path fresh = path.resolveSibling(path.getFileName() + ".new");
    Sheet sheet = disk.create(fresh);
    try {
      sheet.write(0, content);
      sheet.force();
      disk.replace(path, fresh);
      return sheet;
    } catch (IOException e) {
      closeQuietly(sheet);
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
      throw new IOException(path + " is no place for a journal.");
    }
    return folder;
  }

  /** For a file that nobody will read again. */
  private static void closeQuietly(Sheet sheet) {
    try {
      sheet.close();
    } catch (IOException e) {
      log.debug("a journal file could not be closed: {}", e.toString());
    }
  }
}
