package io.capataz.agent.redact;

import java.util.Arrays;
import java.util.function.IntConsumer;

/** One form in which a secret, or a part of it, may be printed. */
final class SecretForm {

  /** Minimum length of a form in bytes. */
  static final int SHORTEST = 4;

  /** Returned by {@link #end} if the form does not match. */
  static final int ABSENT = -1;

  /** Returned by {@link #end} if more bytes are needed. */
  static final int INCOMPLETE = -2;

  private final EscapedText text;
  private final int from;
  private final int to;
  private final int firstMultiByte;

  /**
   * @param from the first character of the text that belongs to the form
   * @param to the character after the last one
   */
  SecretForm(EscapedText text, int from, int to) {
    this.text = text;
    this.from = from;
    this.to = to;
    int found = Arrays.binarySearch(text.multiByte(), from);
    this.firstMultiByte = found < 0 ? -found - 1 : found;
  }

  /**
   * The end of the form that starts at {@code start}, or {@link #ABSENT} or {@link #INCOMPLETE}.
   */
  int end(byte[] bytes, int start, int length) {
    var multiByte = text.multiByte();
    int nextMultiByte = firstMultiByte;
    int at = start;
    int i = from;
    while (true) {
      // Most characters have their expected byte, and are compared many at a time.
      int even = nextMultiByte < multiByte.length ? Math.min(multiByte[nextMultiByte], to) : to;
      int most = Math.min(even - i, length - at);
      int same = Arrays.mismatch(text.expected(), i, i + most, bytes, at, at + most);
      i += same < 0 ? most : same;
      at += same < 0 ? most : same;
      if (i == to) {
        return at;
      }
      at = after(text.variants(i), bytes, at, length);
      if (at < 0) {
        return at;
      }
      nextMultiByte += i == even ? 1 : 0;
      i++;
    }
  }

  private static int after(byte[][] variants, byte[] bytes, int at, int length) {
    if (at == length) {
      return INCOMPLETE;
    }
    for (var variant : variants) {
      int i = 0;
      while (i < variant.length && at + i < length && variant[i] == bytes[at + i]) {
        i++;
      }
      if (i == variant.length) {
        return at + i;
      }
      if (at + i == length) {
        return INCOMPLETE;
      }
    }
    return ABSENT;
  }

  /** Maximum length of the form in bytes. */
  int longest() {
    int sum = 0;
    for (int i = from; i < to; i++) {
      int longest = 0;
      for (var variant : text.variants(i)) {
        longest = Math.max(longest, variant.length);
      }
      sum += longest;
    }
    return sum;
  }

  /** All possible first four bytes of the form, big-endian. */
  void beginnings(IntConsumer found) {
    begin(from, 0, 0, found);
  }

  private void begin(int character, int known, int count, IntConsumer found) {
    for (var variant : text.variants(character)) {
      int word = known;
      int bytes = count;
      for (int i = 0; i < variant.length && bytes < SHORTEST; i++) {
        word = word << Byte.SIZE | (variant[i] & 0xff);
        bytes++;
      }
      if (bytes == SHORTEST) {
        found.accept(word);
      } else {
        begin(character + 1, word, bytes, found);
      }
    }
  }
}
