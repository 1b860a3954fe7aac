package io.capataz.agent.redact;

import java.util.HashMap;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/**
 * A text whose characters can each be written in several variants. No variant is a prefix of
 * another one of the same character. The texts are not expanded: most have more combinations than
 * fit into memory.
 */
final class EscapedText {

  private final byte[][][] variants;
  private final byte[] expected;
  private final int[] multiByte;

  /**
   * @param first variants of the first character
   * @param others variants of the other characters
   */
  EscapedText(int[] characters, IntFunction<byte[][]> first, IntFunction<byte[][]> others) {
    var escaped = new HashMap<Integer, byte[][]>();
    variants = new byte[characters.length][][];
    expected = new byte[characters.length];
    for (int i = 0; i < characters.length; i++) {
      variants[i] =
          i == 0
              ? first.apply(characters[i])
              : escaped.computeIfAbsent(characters[i], others::apply);
      expected[i] = variants[i][0][0];
    }
    multiByte =
        IntStream.range(0, variants.length).filter(i -> variants[i][0].length > 1).toArray();
  }

  byte[][] variants(int i) {
    return variants[i];
  }

  /**
   * The first byte of the first variant of each character; it is the whole variant unless listed in
   * {@link #multiByte}.
   */
  byte[] expected() {
    return expected;
  }

  /** Positions of the characters whose first variant has more than one byte. */
  int[] multiByte() {
    return multiByte;
  }
}
