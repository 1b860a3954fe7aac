package io.capataz.agent.redact;

import java.util.HashMap;
import java.util.Map;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/**
 * A text, as the ways to write each of its characters, none of which begins with another. What the
 * text may become is not spelled out: most have more spellings than memory has room for.
 */
final class SpelledText {

  private final byte[][][] ways;
  private final byte[] expected;
  private final int[] odd;

  /**
   * @param first how the first character is written
   * @param others how each of the others is
   */
  SpelledText(int[] characters, IntFunction<byte[][]> first, IntFunction<byte[][]> others) {
    Map<Integer, byte[][]> spelled = new HashMap<>();
    ways = new byte[characters.length][][];
    expected = new byte[characters.length];
    for (int i = 0; i < characters.length; i++) {
      ways[i] =
          i == 0
              ? first.apply(characters[i])
              : spelled.computeIfAbsent(characters[i], others::apply);
      expected[i] = ways[i][0][0];
    }
    odd = IntStream.range(0, ways.length).filter(i -> ways[i][0].length > 1).toArray();
  }

  byte[][] ways(int i) {
    return ways[i];
  }

  /** Of each character the first byte of the first way, which is all of it unless it is odd. */
  byte[] expected() {
    return expected;
  }

  /** Which characters take more than one byte in the first way to write them. */
  int[] odd() {
    return odd;
  }
}
