package io.capataz.supervisor.output;

import io.capataz.common.protocol.Bytes;
import io.capataz.common.protocol.OutputReport.Stream;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Splits output between characters. Agents split it wherever a buffer was full; an incomplete
 * character is held back until the rest arrives.
 */
final class WholeCharacters {

  private final Map<Stream, OutputPiece> held = new EnumMap<>(Stream.class);

  /** The piece, preceded by what was held back before and without what is held back now. */
  Optional<OutputPiece> of(OutputPiece piece) {
    var before = held.remove(piece.stream());
    var whole =
        before == null || before.end() != piece.offset()
            ? piece
            : new OutputPiece(
                piece.stream(), before.offset(), piece.after(), joined(before, piece));
    var bytes = whole.bytes().toArray();
    var end = endOfLastCharacter(bytes);
    if (end < bytes.length) {
      held.put(piece.stream(), whole.from(whole.offset() + end));
    }
    return end == 0
        ? Optional.empty()
        : Optional.of(
            new OutputPiece(
                whole.stream(),
                whole.offset(),
                whole.after(),
                Bytes.of(Arrays.copyOf(bytes, end))));
  }

  /** The bytes still held back when nothing more will come. */
  List<OutputPiece> left() {
    var left = List.copyOf(held.values());
    held.clear();
    return left;
  }

  /** Another attempt begins. */
  void forget() {
    held.clear();
  }

  private static Bytes joined(OutputPiece before, OutputPiece piece) {
    var bytes =
        Arrays.copyOf(before.bytes().toArray(), before.bytes().length() + piece.bytes().length());
    System.arraycopy(
        piece.bytes().toArray(), 0, bytes, before.bytes().length(), piece.bytes().length());
    return Bytes.of(bytes);
  }

  private static int endOfLastCharacter(byte[] bytes) {
    for (var i = bytes.length - 1; i >= Math.max(0, bytes.length - 3); i--) {
      var first = bytes[i] & 0xFF;
      if (first >= 0xC0) {
        var length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
        return i + length > bytes.length ? i : bytes.length;
      }
      if (first < 0x80) {
        return bytes.length;
      }
    }
    return bytes.length;
  }
}
