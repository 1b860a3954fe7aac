package io.capataz.common.protocol;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.util.List;

/**
 * {@code POST /agent/v1/jobs/{job}/attempts/{attempt}/output}: what the script printed since.
 *
 * <p>The supervisor takes a chunk only at the next offset of its stream. It passes over bytes it
 * has, so repeating is free; a gap is answered with where to go on.
 *
 * @param claim the attempt's claim id
 * @param chunks in the order in which they were read
 */
public record OutputReport(String claim, List<Chunk> chunks) {
  public OutputReport {
    requireNonNull(claim);
    chunks = List.copyOf(chunks);
  }

  /** The most bytes one chunk may hold. */
  public static final int MAX_CHUNK_BYTES = 256 * 1024;

  /**
   * A run of bytes of one stream.
   *
   * @param stream which one
   * @param offset how many bytes of that stream came before
   * @param after when they were read, counted from the start of the script
   * @param bytes what was printed; 1 to {@link #MAX_CHUNK_BYTES}
   */
  public record Chunk(Stream stream, long offset, Duration after, Bytes bytes) {
    public Chunk {
      requireNonNull(stream);
      requireNonNull(after);
      requireNonNull(bytes);
    }
  }

  /** Where a script prints to. */
  public enum Stream {
    STDOUT,
    STDERR
  }

  /**
   * The answer: the offset at which each stream goes on.
   *
   * @param stdout bytes of standard output that are kept
   * @param stderr bytes of standard error that are kept
   */
  public record Answer(long stdout, long stderr) {}
}
