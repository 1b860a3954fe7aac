package io.capataz.supervisor.output;

import io.capataz.common.protocol.Bytes;
import io.capataz.common.protocol.OutputReport.Stream;
import java.time.Duration;

/**
 * Some bytes of a script's output.
 *
 * @param offset bytes of the stream before it
 * @param after from the start of the script
 */
record OutputPiece(Stream stream, long offset, Duration after, Bytes bytes) {

  long end() {
    return offset + bytes.length();
  }

  /** The part after {@code position}. */
  OutputPiece from(long position) {
    return position <= offset
        ? this
        : new OutputPiece(stream, position, after, bytes.withoutFirst((int) (position - offset)));
  }
}
