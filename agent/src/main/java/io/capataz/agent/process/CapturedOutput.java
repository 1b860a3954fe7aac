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

/** What a run prints, while it runs and afterwards. */
public final class CapturedOutput implements AutoCloseable {

  private static final int ENTRY_BYTES = 16;

  private final CapturedStream stdout;
  private final CapturedStream stderr;
  private final Optional<SeekableByteChannel> index;

  /**
   * When a run had printed how much on one of its streams.
   *
   * @param onStderr on which
   * @param after counted from the start of the run
   * @param end bytes of that stream up to then
   */
  public record Entry(boolean onStderr, Duration after, long end) {}

  private CapturedOutput(
      CapturedStream stdout, CapturedStream stderr, Optional<SeekableByteChannel> index) {
    this.stdout = stdout;
    this.stderr = stderr;
    this.index = index;
  }

  /** Opens the output of a run that was started in this folder. */
  public static CapturedOutput open(Path folder) throws IOException {
    return new CapturedOutput(
        new CapturedStream(folder, "stdout"), new CapturedStream(folder, "stderr"), index(folder));
  }

  private static Optional<SeekableByteChannel> index(Path folder) throws IOException {
    try {
      return Optional.of(Files.newByteChannel(folder.resolve("keeper").resolve("index")));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
  }

  public CapturedStream stdout() {
    return stdout;
  }

  public CapturedStream stderr() {
    return stderr;
  }

  /** Nothing more will be printed. */
  public void finish(ExitRecord end) throws IOException {
    stdout.finish(end.stdout());
    stderr.finish(end.stderr());
  }

  /** How many bytes were printed, on both streams, and are not kept. */
  public long droppedBytes() {
    return stdout.droppedBytes() + stderr.droppedBytes();
  }

  /** Whether the keeper says in which order things were printed. */
  public boolean isIndexed() {
    return index.isPresent();
  }

  /** At most {@code most} entries of the index, oldest first, from the one of that number on. */
  public List<Entry> entries(long from, int most) throws IOException {
    List<Entry> entries = new ArrayList<>();
    if (index.isPresent()) {
      SeekableByteChannel channel = index.get();
      long whole = channel.size() / ENTRY_BYTES - from;
      ByteBuffer bytes =
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
      if (index.isPresent()) {
        index.get().close();
      }
    }
  }
}
