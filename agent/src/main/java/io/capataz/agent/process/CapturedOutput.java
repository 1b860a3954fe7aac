package io.capataz.agent.process;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The output of a run, readable while it runs and afterwards. */
public final class CapturedOutput implements AutoCloseable {

  private static final int ENTRY_BYTES = 16;

  private final Path folder;
  private final Optional<RunRecord> record;
  private final CapturedStream stdout;
  private final CapturedStream stderr;

  /** Of the output in files; opened once there is some. */
  private Optional<SeekableByteChannel> index = Optional.empty();

  /**
   * An index entry: how much a run had printed on one stream at a time.
   *
   * @param onStderr whether the stream is standard error
   * @param after time since the start of the run
   * @param end bytes printed on that stream so far
   */
  public record Entry(boolean onStderr, Duration after, long end) {}

  private CapturedOutput(Path folder, Optional<RunRecord> record) {
    this.folder = folder;
    this.record = record;
    this.stdout = new CapturedStream(folder, record, "stdout");
    this.stderr = new CapturedStream(folder, record, "stderr");
  }

  /** Opens the output of the run in this folder. */
  public static CapturedOutput open(Path folder) throws IOException {
    return new CapturedOutput(
        folder,
        Files.exists(folder.resolve(RunRecord.FILE))
            ? Optional.of(RunRecord.open(folder))
            : Optional.empty());
  }

  public CapturedStream stdout() {
    return stdout;
  }

  public CapturedStream stderr() {
    return stderr;
  }

  /** The run has ended: nothing more will be printed. */
  public void finish(ExitRecord end) throws IOException {
    stdout.finish(end.stdout());
    stderr.finish(end.stderr());
  }

  /** Number of bytes that were printed and not stored, both streams together. */
  public long droppedBytes() {
    return stdout.droppedBytes() + stderr.droppedBytes();
  }

  /** Whether the keeper recorded the order of output. */
  public boolean isIndexed() throws IOException {
    return record.isPresent() && (!record.get().isContinuedInFiles() || index().isPresent());
  }

  /** Up to {@code most} index entries, oldest first, starting at number {@code from}. */
  public List<Entry> entries(long from, int most) throws IOException {
    if (record.isEmpty()) {
      return List.of();
    }
    record.get().refresh();
    var entries = new ArrayList<Entry>(record.get().entries(from, most));
    if (record.get().isContinuedInFiles() && entries.size() < most) {
      long inFile = Math.max(0, from - record.get().entries());
      entries.addAll(entriesInFile(inFile, most - entries.size()));
    }
    return entries;
  }

  private Optional<SeekableByteChannel> index() throws IOException {
    if (index.isEmpty()) {
      try {
        index = Optional.of(Files.newByteChannel(folder.resolve("index")));
      } catch (NoSuchFileException e) {
        return index;
      }
    }
    return index;
  }

  private List<Entry> entriesInFile(long from, int most) throws IOException {
    var entries = new ArrayList<Entry>();
    if (index().isPresent()) {
      var channel = index().get();
      long whole = channel.size() / ENTRY_BYTES - from;
      var bytes =
          ByteBuffer.allocate(Math.clamp(whole, 0, most) * ENTRY_BYTES)
              .order(ByteOrder.nativeOrder());
      channel.position(from * ENTRY_BYTES);
      while (bytes.hasRemaining() && channel.read(bytes) >= 0) {}
      bytes.flip();
      while (bytes.remaining() >= ENTRY_BYTES) {
        long time = bytes.getLong();
        entries.add(new Entry((time & 1) == 1, Duration.ofNanos(time >>> 1), bytes.getLong()));
      }
    }
    return entries;
  }

  @Override
  public void close() throws IOException {
    try (stdout;
        stderr) {
      if (record.isPresent()) {
        record.get().close();
      }
      if (index.isPresent()) {
        index.get().close();
      }
    }
  }
}
