package io.capataz.agent.process;

import io.capataz.agent.process.CapturedOutput.Entry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.zip.CRC32;

/**
 * The record that a native keeper writes of its run, readable while it grows. The format is
 * documented in {@code src/main/c/capataz-keeper.c}.
 */
final class RunRecord implements AutoCloseable {

  /** Its name in the run's folder. */
  static final String FILE = "record";

  private static final String OUTPUT = "> ";
  private static final String IN_FILES = "files";
  private static final String END = "end ";

  /** Larger than any record: the keeper stores more output in files. */
  private static final int MOST_BYTES = 1 << 20;

  private final SeekableByteChannel file;
  private final CRC32 checksum = new CRC32();
  private final List<String> lines = new ArrayList<>();
  private final List<Entry> entries = new ArrayList<>();
  private final ByteArrayOutputStream stdout = new ByteArrayOutputStream();
  private final ByteArrayOutputStream stderr = new ByteArrayOutputStream();
  private byte[] unread = {};
  private boolean inFiles;
  private boolean whole;

  private RunRecord(SeekableByteChannel file) {
    this.file = file;
  }

  /** Opens the record of the run in this folder; it must exist. */
  static RunRecord open(Path folder) throws IOException {
    return new RunRecord(Files.newByteChannel(folder.resolve(FILE)));
  }

  /** The lines of a complete and valid record; empty if it is not complete, or there is none. */
  static Optional<List<String>> whole(Path folder) throws IOException {
    if (!Files.exists(folder.resolve(FILE))) {
      return Optional.empty();
    }
    try (var record = open(folder)) {
      record.refresh();
      return record.whole ? Optional.of(List.copyOf(record.lines)) : Optional.empty();
    }
  }

  /** Reads what was added since. What is not complete yet is left for the next time. */
  synchronized void refresh() throws IOException {
    long more = Math.min(file.size() - file.position(), MOST_BYTES);
    if (more <= 0 || whole) {
      return;
    }
    byte[] all = Arrays.copyOf(unread, unread.length + (int) more);
    var rest = ByteBuffer.wrap(all, unread.length, (int) more);
    while (rest.hasRemaining() && file.read(rest) >= 0) {}
    int end = rest.position();
    int at = 0;
    for (int next = 0; next >= 0 && !whole; next = readPart(all, at, end)) {
      at = next;
    }
    unread = Arrays.copyOfRange(all, at, end);
  }

  /**
   * Reads a line, and the output that belongs to it.
   *
   * @return where the next one begins; -1 if it is not complete
   */
  private int readPart(byte[] bytes, int from, int limit) throws IOException {
    int end = from;
    while (end < limit && bytes[end] != '\n') {
      end++;
    }
    if (end == limit) {
      return -1;
    }
    // Command lines may contain any bytes; invalid UTF-8 is replaced.
    var line = new String(bytes, from, end - from, StandardCharsets.UTF_8);
    int next = end + 1;
    if (line.startsWith(OUTPUT) && !lines.isEmpty()) {
      var words = line.split(" ", -1);
      int length = (int) number(words, 2);
      if (length < 0 || length > MOST_BYTES) {
        throw new IOException("The record of the run is corrupt.");
      }
      if (limit - next <= length) {
        return -1;
      }
      addOutput(number(words, 1), bytes, next, length);
      next += length + 1;
    } else if (line.startsWith(END)) {
      whole = line.equals(END + String.format(Locale.ROOT, "%08x", checksum.getValue()));
    } else {
      inFiles |= line.equals(IN_FILES);
    }
    if (!lines.isEmpty()) {
      checksum.update(bytes, from, next - from);
    }
    if (!line.startsWith(OUTPUT)) {
      lines.add(line);
    }
    return next;
  }

  private void addOutput(long stamp, byte[] bytes, int from, int length) {
    boolean onStderr = (stamp & 1) == 1;
    var stream = onStderr ? stderr : stdout;
    stream.write(bytes, from, length);
    entries.add(new Entry(onStderr, Duration.ofNanos(stamp >>> 1), stream.size()));
  }

  private static long number(String[] words, int place) throws IOException {
    try {
      return Long.parseLong(words[place]);
    } catch (NumberFormatException | ArrayIndexOutOfBoundsException e) {
      throw new IOException("The record of the run is corrupt.", e);
    }
  }

  /** Whether further output is in files. The output in this record is complete then. */
  synchronized boolean isContinuedInFiles() {
    return inFiles;
  }

  /** Number of bytes of a stream that are in this record. */
  synchronized int size(boolean ofStderr) {
    return (ofStderr ? stderr : stdout).size();
  }

  /** Copies output of a stream, which must be there. */
  synchronized void copy(boolean ofStderr, int from, ByteBuffer into) {
    into.put((ofStderr ? stderr : stdout).toByteArray(), from, into.remaining());
  }

  /** The order and times of the output in this record. */
  synchronized List<Entry> entries(long from, int most) {
    int first = (int) Math.min(from, entries.size());
    return List.copyOf(entries.subList(first, Math.min(entries.size(), first + most)));
  }

  /** Number of {@link #entries}. */
  synchronized int entries() {
    return entries.size();
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
