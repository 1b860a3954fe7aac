package io.capataz.supervisor.output;

import io.capataz.common.protocol.Bytes;
import io.capataz.common.protocol.OutputReport.Stream;
import java.time.Duration;

/**
 * Some bytes of what a script printed.
 *
 * @param offset bytes of the stream before it
 * @param after from the start of the script
 */
record OutputPiece(Stream stream, long offset, Duration after, Bytes bytes) {

  long end() {
    return offset + bytes.length();
  }

  /** What of it lies behind {@code position}. */
  OutputPiece from(long position) {
    return position <= offset
        ? this
        : new OutputPiece(stream, position, after, bytes.withoutFirst((int) (position - offset)));
  }
}
