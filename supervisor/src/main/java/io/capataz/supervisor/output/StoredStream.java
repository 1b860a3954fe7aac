package io.capataz.supervisor.output;

import io.capataz.common.protocol.AttemptId;
import io.capataz.common.protocol.OutputReport.Stream;
import java.io.InputStream;
import java.util.ArrayDeque;
import java.util.Deque;

/** One stream of an attempt as bytes; never more of it than a few chunks is in memory. */
final class StoredStream extends InputStream {

  private static final int CHUNKS = 8;

  private final JobOutputs outputs;
  private final AttemptId attempt;
  private final Stream stream;
  private final Deque<OutputPiece> read = new ArrayDeque<>();
  private byte[] now = new byte[0];
  private int taken;
  private long position;

  StoredStream(JobOutputs outputs, AttemptId attempt, Stream stream) {
    this.outputs = outputs;
    this.attempt = attempt;
    this.stream = stream;
  }

  @Override
  public int read() {
    return hasMore() ? now[taken++] & 0xff : -1;
  }

  @Override
  public int read(byte[] into, int offset, int length) {
    if (length == 0) {
      return 0;
    }
    if (!hasMore()) {
      return -1;
    }
    var count = Math.min(length, now.length - taken);
    System.arraycopy(now, taken, into, offset, count);
    taken += count;
    return count;
  }

  private boolean hasMore() {
    while (taken == now.length) {
      if (read.isEmpty()) {
        read.addAll(outputs.from(attempt, stream, position, CHUNKS));
      }
      if (read.isEmpty()) {
        return false;
      }
      var piece = read.remove();
      position = piece.end();
      now = piece.bytes().toArray();
      taken = 0;
    }
    return true;
  }
}
