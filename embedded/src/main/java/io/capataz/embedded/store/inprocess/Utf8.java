package io.capataz.embedded.store.inprocess;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** What becomes of text on its way through bytes. */
final class Utf8 {

  private static final int ONE_BYTE = 0x80;
  private static final int TWO_BYTES = 0x800;

  private Utf8() {}

  /** How many bytes the driver writes for a text: half a surrogate pair counts three. */
  static long length(String text) {
    long length = text.length();
    for (int i = 0; i < text.length(); i++) {
      char unit = text.charAt(i);
      if (unit >= ONE_BYTE) {
        // Both halves of a pair together are four.
        length += unit < TWO_BYTES || isHalfOfPair(text, i) ? 1 : 2;
      }
    }
    return length;
  }

  /**
   * The text that a server would read. Text in Java may hold half a surrogate pair, and scripts and
   * clients send such; UTF-8 cannot.
   */
  static String normal(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (Character.isSurrogate(text.charAt(i)) && !isHalfOfPair(text, i)) {
        return read(write(text));
      }
    }
    return text;
  }

  private static boolean isHalfOfPair(String text, int at) {
    char unit = text.charAt(at);
    return Character.isHighSurrogate(unit)
        ? at + 1 < text.length() && Character.isLowSurrogate(text.charAt(at + 1))
        : Character.isLowSurrogate(unit)
            && at > 0
            && Character.isHighSurrogate(text.charAt(at - 1));
  }

  private static byte[] write(String text) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    text.codePoints()
        .forEach(
            point -> {
              if (point >= Character.MIN_SURROGATE && point <= Character.MAX_SURROGATE) {
                bytes.write(0xe0 | (point >> 12));
                bytes.write(0x80 | ((point >> 6) & 0x3f));
                bytes.write(0x80 | (point & 0x3f));
              } else {
                bytes.writeBytes(Character.toString(point).getBytes(StandardCharsets.UTF_8));
              }
            });
    return bytes.toByteArray();
  }

  private static String read(byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8);
  }
}
