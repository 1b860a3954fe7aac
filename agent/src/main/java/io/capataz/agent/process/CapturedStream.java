package io.capataz.agent.process;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The stored output of a run on one stream: the beginning and, once the run has ended, a mark with
 * the number of omitted bytes, if any, and the end.
 */
public final class CapturedStream implements AutoCloseable {

  private final Optional<RunRecord> record;
  private final boolean isStderr;
  private final Path headFile;
  private final Path tailFile;

  /** Opened once there is content. */
  private @Nullable SeekableByteChannel head;

  private ExitRecord.Printed printed = new ExitRecord.Printed(0, 0, 0, false);
  private byte[] mark = {};
  private long tailBytes;
  private boolean over;

  /**
   * @param record the record that has the first part of the output; empty if it is all in files
   * @param name {@code stdout} or {@code stderr}
   */
  CapturedStream(Path folder, Optional<RunRecord> record, String name) {
    this.record = record;
    isStderr = name.equals("stderr");
    headFile = folder.resolve(name);
    tailFile = folder.resolve(name + ".tail");
  }

  /** The run has ended, and printed this much. */
  void finish(ExitRecord.Printed all) throws IOException {
    if (record.isPresent()) {
      record.get().refresh();
    }
    printed = all;
    over = true;
    tailBytes =
        all.noRoom() || !Files.exists(tailFile)
            ? 0
            : Math.min(Files.size(tailFile), all.total() - all.head());
    if (droppedBytes() > 0) {
      var why = all.noRoom() ? "no space left on the host" : "output limit reached";
      mark =
          ("\n[capataz: " + droppedBytes() + " bytes omitted: " + why + "]\n")
              .getBytes(StandardCharsets.US_ASCII);
    }
  }

  /** Number of bytes that were printed and not stored. */
  public long droppedBytes() {
    return over ? printed.total() - printed.head() - tailBytes : 0;
  }

  /** Number of bytes that can be read so far. */
  public long size() throws IOException {
    return over ? printed.head() + mark.length + tailBytes : headBytes();
  }

  private long headBytes() throws IOException {
    if (over) {
      return printed.head();
    }
    if (record.isPresent()) {
      record.get().refresh();
      if (!record.get().isContinuedInFiles()) {
        return inlineBytes();
      }
    }
    try {
      return inlineBytes() + (head == null ? Files.size(headFile) : head.size());
    } catch (NoSuchFileException e) {
      return inlineBytes();
    }
  }

  private int inlineBytes() {
    return record.map(file -> file.size(isStderr)).orElse(0);
  }

  /** Reads up to {@code most} bytes, starting at {@code offset}. */
  public byte[] read(long offset, int most) throws IOException {
    long left = Math.min(most, size() - offset);
    if (left <= 0) {
      return new byte[0];
    }
    var into = ByteBuffer.allocate((int) left);
    long headBytes = headBytes();
    if (offset < headBytes) {
      into.limit((int) Math.min(left, headBytes - offset));
      readHead(offset, into);
      into.limit((int) left);
    }
    long at = offset + into.position() - headBytes;
    if (into.hasRemaining() && at < mark.length) {
      into.put(mark, (int) at, (int) Math.min(into.remaining(), mark.length - at));
      at = mark.length;
    }
    if (into.hasRemaining()) {
      try (var tail = Files.newByteChannel(tailFile)) {
        while (into.hasRemaining()) {
          long place = (at - mark.length + printed.oldest()) % tailBytes;
          int limit = into.limit();
          into.limit((int) Math.min(limit, into.position() + tailBytes - place));
          int before = into.position();
          fill(tail, place, into);
          at += into.position() - before;
          into.limit(limit);
        }
      }
    }
    return into.array();
  }

  private void readHead(long offset, ByteBuffer into) throws IOException {
    int inline = inlineBytes();
    int end = into.limit();
    if (offset < inline && record.isPresent()) {
      into.limit((int) Math.min(end, inline - offset));
      record.get().copy(isStderr, (int) offset, into);
      into.limit(end);
    }
    if (into.hasRemaining()) {
      fill(head(), offset + into.position() - inline, into);
    }
  }

  private SeekableByteChannel head() throws IOException {
    var open = head == null ? Files.newByteChannel(headFile) : head;
    head = open;
    return open;
  }

  private static void fill(SeekableByteChannel file, long from, ByteBuffer into)
      throws IOException {
    file.position(from);
    while (into.hasRemaining()) {
      if (file.read(into) < 0) {
        throw new IOException("An output file of the run was truncated.");
      }
    }
  }

  @Override
  public void close() throws IOException {
    if (head != null) {
      head.close();
    }
  }
}
