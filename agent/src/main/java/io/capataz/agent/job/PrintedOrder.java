package io.capataz.agent.job;

import io.capataz.agent.process.KeptOutput;
import io.capataz.agent.process.KeptOutput.Entry;
import io.capataz.agent.process.KeptStream;
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
 * What a run has printed as a row of chunks, from where the supervisor has it: in the order in
 * which the keeper read it, where it tells; with secrets hidden.
 */
final class PrintedOrder {

  /** What one stream was given within this becomes one chunk. */
  private static final Duration GRAIN = Duration.ofMillis(100);

  /** Entries of the index that are read at once. */
  private static final int ENTRIES = 512;

  private final KeptOutput output;
  private final Redactor redactor;
  private final long openedAt = System.nanoTime();
  private final Way stdout;
  private final Way stderr;

  /** Up to this entry of the index the supervisor has everything. */
  private long entry;

  /** How far one stream has gone. */
  private final class Way {
    private final Stream name;
    private final KeptStream bytes;

    /** The supervisor has so many bytes. */
    private long taken;

    /** With what has been gathered since, it would have so many. */
    private long gathered;

    /** So many bytes may go now. */
    private long ready;

    Way(Stream name, KeptStream bytes) {
      this.name = name;
      this.bytes = bytes;
    }

    void look(boolean last) throws IOException {
      gathered = taken;
      ready = bytes.size();
      if (!last && !redactor.isIdle()) {
        // A secret may have been printed by half: its beginning waits for what comes next.
        long from = Math.max(0, ready - redactor.reach());
        byte[] end = bytes.read(from, redactor.reach());
        ready -= redactor.undecided(end, end.length);
      }
    }

    byte[] read(long from, int length) throws IOException {
      if (redactor.isIdle()) {
        return bytes.read(from, length);
      }
      int before = (int) Math.min(from, redactor.reach());
      byte[] window = bytes.read(from - before, before + length + redactor.reach());
      redactor.hide(window, window.length);
      return Arrays.copyOfRange(window, before, before + length);
    }
  }

  /** Bytes of a stream that become a chunk. */
  private record Piece(Way way, long from, long to, Duration after) {}

  PrintedOrder(KeptOutput output, Redactor redactor) {
    this.output = output;
    this.redactor = redactor;
    this.stdout = new Way(Stream.STDOUT, output.stdout());
    this.stderr = new Way(Stream.STDERR, output.stderr());
  }

  /**
   * What is to be told next; empty if there is nothing now.
   *
   * @param most bytes
   * @param last whether nothing more will be printed
   * @param ran how long the script ran, if so
   */
  List<Chunk> next(int most, boolean last, Duration ran) throws IOException {
    stdout.look(last);
    stderr.look(last);
    List<Piece> pieces = new ArrayList<>();
    int room = most;
    if (output.isIndexed()) {
      room = gatherByIndex(pieces, room);
    }
    if (last || !output.isIndexed()) {
      Duration after = last ? ran : Duration.ofNanos(System.nanoTime() - openedAt);
      // Each stream is given half, and what the other does not need.
      long errors = Math.min(stderr.ready - stderr.gathered, room / 2);
      room = gather(pieces, stdout, stdout.ready, after, (int) (room - errors)) + (int) errors;
      var _ = gather(pieces, stderr, stderr.ready, after, room);
    }
    List<Chunk> chunks = new ArrayList<>(pieces.size());
    for (Piece piece : pieces) {
      byte[] bytes = piece.way.read(piece.from, (int) (piece.to - piece.from));
      chunks.add(new Chunk(piece.way.name, piece.from, piece.after, Bytes.of(bytes)));
    }
    return chunks;
  }

  /** Returns the room that is left. */
  private int gatherByIndex(List<Piece> pieces, int room) throws IOException {
    long at = entry;
    while (room > 0) {
      List<Entry> entries = output.entries(at, ENTRIES);
      if (entries.isEmpty()) {
        return room;
      }
      for (Entry printed : entries) {
        Way way = printed.onStderr() ? stderr : stdout;
        long to = Math.min(printed.end(), way.ready);
        room = gather(pieces, way, to, printed.after(), room);
        if (way.gathered < printed.end()) {
          return room; // No room for it, or it may not go yet.
        }
        at++;
        if (way.taken >= printed.end()) {
          entry = pieces.isEmpty() ? at : entry;
        }
      }
    }
    return room;
  }

  private static int gather(List<Piece> pieces, Way way, long to, Duration after, int room) {
    long length = Math.min(to - way.gathered, room);
    if (length <= 0) {
      return room;
    }
    long from = way.gathered;
    way.gathered += length;
    Piece before = pieces.isEmpty() ? null : pieces.getLast();
    if (before != null && before.way == way && after.minus(before.after).compareTo(GRAIN) < 0) {
      pieces.set(pieces.size() - 1, new Piece(way, before.from, way.gathered, before.after));
    } else {
      pieces.add(new Piece(way, from, way.gathered, after));
    }
    return room - (int) length;
  }

  /**
   * The supervisor has so much.
   *
   * @return whether that is more than before
   */
  boolean goOnAt(OutputReport.Answer kept) throws IOException {
    long before = stdout.taken + stderr.taken;
    if (kept.stdout() < stdout.taken || kept.stderr() < stderr.taken) {
      entry = 0;
    }
    stdout.taken = Math.clamp(kept.stdout(), 0, stdout.bytes.size());
    stderr.taken = Math.clamp(kept.stderr(), 0, stderr.bytes.size());
    return stdout.taken + stderr.taken > before;
  }
}
