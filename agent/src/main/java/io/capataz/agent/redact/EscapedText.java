package io.capataz.agent.redact;

import java.util.HashMap;
import java.util.Map;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/**
 * A text, as the variants to write each of its characters, none of which begins with another. What
 * the text may become is not escaped out: most have more spellings than memory has room for.
 */
final class EscapedText {

  private final byte[][][] variants;
  private final byte[] expected;
  private final int[] multiByte;

  /**
   * @param first how the first character is written
   * @param others how each of the others is
   */
  EscapedText(int[] characters, IntFunction<byte[][]> first, IntFunction<byte[][]> others) {
    Map<Integer, byte[][]> escaped = new HashMap<>();
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
   * Of each character the first byte of the first variant, which is all of it unless it is
   * multiByte.
   */
  byte[] expected() {
    return expected;
  }

  /** Which characters take more than one byte in the first variant to write them. */
  int[] multiByte() {
    return multiByte;
  }
}
