package io.capataz.agent.job;

import io.capataz.agent.process.CapturedOutput;
import io.capataz.agent.process.CapturedStream;
import io.capataz.agent.redact.Redactor;
import io.capataz.common.protocol.Bytes;
import io.capataz.common.protocol.OutputReport;
import io.capataz.common.protocol.OutputReport.Chunk;
import io.capataz.common.protocol.OutputReport.Stream;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Merges both output streams of a run into chunks, starting at the offsets that the supervisor has.
 * Chunks come in the order in which the keeper read the output, where its index is available.
 * Secrets are redacted.
 */
final class OutputInterleaver {

  /** Output of one stream within this time span is merged into one chunk. */
  private static final Duration CHUNK_SPAN = Duration.ofMillis(100);

  /** Number of index entries read at once. */
  private static final int ENTRIES = 512;

  private final CapturedOutput output;
  private final Redactor redactor;
  private final long openedAt = System.nanoTime();
  private final StreamCursor stdout;
  private final StreamCursor stderr;

  /** The first index entry that the supervisor does not have completely. */
  private long nextEntry;

  /** Read position of one stream. */
  private final class StreamCursor {
    private final Stream name;
    private final CapturedStream bytes;

    /** Number of bytes the supervisor has. */
    private long acknowledged;

    /** Number of bytes it will have with the chunks planned so far. */
    private long planned;

    /** Number of bytes that may be sent now. */
    private long ready;

    StreamCursor(Stream name, CapturedStream bytes) {
      this.name = name;
      this.bytes = bytes;
    }

    void refresh(boolean last) throws IOException {
      planned = acknowledged;
      ready = bytes.size();
      if (!last && !redactor.isIdle()) {
        // The end may be the beginning of a secret: it waits for the bytes that follow.
        long from = Math.max(0, ready - redactor.reach());
        var end = bytes.read(from, redactor.reach());
        ready -= redactor.pendingBytes(end, end.length);
      }
    }

    byte[] read(long from, int length) throws IOException {
      if (redactor.isIdle()) {
        return bytes.read(from, length);
      }
      int before = (int) Math.min(from, redactor.reach());
      var window = bytes.read(from - before, before + length + redactor.reach());
      redactor.redact(window, window.length);
      return Arrays.copyOfRange(window, before, before + length);
    }
  }

  /** A range of bytes that becomes a chunk. */
  private record Piece(StreamCursor stream, long from, long to, Duration after) {}

  OutputInterleaver(CapturedOutput output, Redactor redactor) {
    this.output = output;
    this.redactor = redactor;
    this.stdout = new StreamCursor(Stream.STDOUT, output.stdout());
    this.stderr = new StreamCursor(Stream.STDERR, output.stderr());
  }

  /**
   * The next chunks to send; empty if there are none now.
   *
   * @param maxBytes maximum size of all chunks together
   * @param last whether the script has ended
   * @param ran how long the script ran, if it has ended
   */
  List<Chunk> next(int maxBytes, boolean last, Duration ran) throws IOException {
    stdout.refresh(last);
    stderr.refresh(last);
    var pieces = new ArrayList<Piece>();
    int room = maxBytes;
    if (output.isIndexed()) {
      room = planByIndex(pieces, room);
    }
    if (last || !output.isIndexed()) {
      var after = last ? ran : Duration.ofNanos(System.nanoTime() - openedAt);
      // Each stream gets half of the room, plus what the other does not need.
      long errors = Math.min(stderr.ready - stderr.planned, room / 2);
      room = plan(pieces, stdout, stdout.ready, after, (int) (room - errors)) + (int) errors;
      var _ = plan(pieces, stderr, stderr.ready, after, room);
    }
    var chunks = new ArrayList<Chunk>(pieces.size());
    for (var piece : pieces) {
      var bytes = piece.stream.read(piece.from, (int) (piece.to - piece.from));
      chunks.add(new Chunk(piece.stream.name, piece.from, piece.after, Bytes.of(bytes)));
    }
    return chunks;
  }

  /** Plans chunks in the order of the index. Returns the remaining room. */
  private int planByIndex(List<Piece> pieces, int room) throws IOException {
    long at = nextEntry;
    while (room > 0) {
      var entries = output.entries(at, ENTRIES);
      if (entries.isEmpty()) {
        return room;
      }
      for (var printed : entries) {
        var stream = printed.onStderr() ? stderr : stdout;
        long to = Math.min(printed.end(), stream.ready);
        room = plan(pieces, stream, to, printed.after(), room);
        if (stream.planned < printed.end()) {
          return room; // No room left, or the bytes may not be sent yet.
        }
        at++;
        if (stream.acknowledged >= printed.end()) {
          nextEntry = pieces.isEmpty() ? at : nextEntry;
        }
      }
    }
    return room;
  }

  private static int plan(
      List<Piece> pieces, StreamCursor stream, long to, Duration after, int room) {
    long length = Math.min(to - stream.planned, room);
    if (length <= 0) {
      return room;
    }
    long from = stream.planned;
    stream.planned += length;
    var before = pieces.isEmpty() ? null : pieces.getLast();
    if (before != null
        && before.stream == stream
        && after.minus(before.after).compareTo(CHUNK_SPAN) < 0) {
      pieces.set(pieces.size() - 1, new Piece(stream, before.from, stream.planned, before.after));
    } else {
      pieces.add(new Piece(stream, from, stream.planned, after));
    }
    return room - (int) length;
  }

  /**
   * Continues at the offsets that the supervisor has.
   *
   * @return whether it has more than before
   */
  boolean acknowledge(OutputReport.Answer answer) throws IOException {
    long before = stdout.acknowledged + stderr.acknowledged;
    if (answer.stdout() < stdout.acknowledged || answer.stderr() < stderr.acknowledged) {
      nextEntry = 0;
    }
    stdout.acknowledged = Math.clamp(answer.stdout(), 0, stdout.bytes.size());
    stderr.acknowledged = Math.clamp(answer.stderr(), 0, stderr.bytes.size());
    return stdout.acknowledged + stderr.acknowledged > before;
  }
}
