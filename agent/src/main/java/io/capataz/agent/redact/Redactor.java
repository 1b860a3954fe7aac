package io.capataz.agent.redact;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.stream.LongStream;

/**
 * Redacts a job's secrets in its output, before the bytes leave the host. Bytes of secrets are
 * overwritten, not removed, so offsets stay the same. The result depends only on the stream, not on
 * how it was split or when it was read.
 *
 * <p>A secret is found literally and in the forms that tools give it: in URLs, in JSON and other
 * strings with backslashes, in shell quotes, in XML, in hexadecimal and base64, also within a
 * longer base64 text and across line ends. A base64 digit that shares bits with neighbouring data
 * is kept. See {@link SecretForms} for details.
 *
 * <p>Every four bytes are looked up in a bit filter; only on a hit the candidate forms are
 * compared. This is fast, unless a stream repeats beginnings of secrets over and over. Memory use
 * is about a hundred times the size of the secrets.
 */
public final class Redactor {

  /** Shorter secrets (in bytes) are not redacted: they would match everywhere. */
  static final int SHORTEST = SecretForm.SHORTEST;

  private static final byte MASK = '*';

  private static final VarHandle WORD =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);

  /** Multiplicative hash: 2^32 divided by the golden ratio. */
  private static final int SPREAD = 0x9E3779B9;

  private static final int SMALLEST_FILTER = 16;
  private static final int LARGEST_FILTER = 23;

  /** 32 to 64 bits per beginning, for few false positives. */
  private static final int FILTER_ROOM = 5;

  private final int reach;

  /** The first four bytes of all forms, sorted, with duplicates. */
  private final int[] beginnings;

  /** The form at the same index as its beginning. */
  private final SecretForm[] forms;

  private final long[] filter;
  private final int filterShift;

  private Redactor(List<SecretForm> all) {
    reach = Math.max(0, all.stream().mapToInt(SecretForm::longest).max().orElse(0) - 1);
    var found = beginningsOf(all);
    beginnings = Arrays.stream(found).mapToInt(pair -> (int) (pair >> Integer.SIZE)).toArray();
    forms = Arrays.stream(found).mapToObj(pair -> all.get((int) pair)).toArray(SecretForm[]::new);
    int bits = Integer.SIZE - Integer.numberOfLeadingZeros(beginnings.length) + FILTER_ROOM;
    bits = Math.clamp(bits, SMALLEST_FILTER, LARGEST_FILTER);
    filterShift = Integer.SIZE - bits;
    filter = new long[(1 << bits) / Long.SIZE];
    for (int beginning : beginnings) {
      int place = place(beginning);
      filter[place >>> 6] |= 1L << place;
    }
  }

  /** All beginnings of all forms, sorted, with the index of the form in the lower half. */
  private static long[] beginningsOf(List<SecretForm> all) {
    var found = LongStream.builder();
    for (int i = 0; i < all.size(); i++) {
      long form = i;
      all.get(i).beginnings(word -> found.add((long) word << Integer.SIZE | form));
    }
    var sorted = found.build().sorted().toArray();
    int different = 0;
    for (long pair : sorted) {
      if (different == 0 || sorted[different - 1] != pair) {
        sorted[different] = pair;
        different++;
      }
    }
    return Arrays.copyOf(sorted, different);
  }

  public static Redactor of(Collection<String> secrets) {
    return new Redactor(SecretForms.of(secrets));
  }

  /** Whether there is nothing to redact. */
  public boolean isIdle() {
    return forms.length == 0;
  }

  /**
   * Number of bytes needed before and after a window, where the stream has them, to redact the
   * window like the whole stream.
   */
  public int reach() {
    return reach;
  }

  /** Redacts all secrets that are completely within the first {@code length} bytes. */
  public void redact(byte[] bytes, int length) {
    if (isIdle()) {
      return;
    }
    // Secrets may overlap, so a byte is only overwritten once all matches that start at it have
    // been found.
    int maskedUpTo = 0;
    int last = length - SHORTEST;
    for (int at = 0; at <= last; at++) {
      int word = (int) WORD.get(bytes, at);
      if (mayBegin(word)) {
        maskedUpTo = Math.max(maskedUpTo, end(word, bytes, at, length));
      }
      if (at < maskedUpTo) {
        bytes[at] = MASK;
      }
    }
    int rest = Math.max(0, last + 1);
    if (rest < maskedUpTo) {
      Arrays.fill(bytes, rest, maskedUpTo, MASK);
    }
  }

  /** The text with all secrets redacted. */
  public String redacted(String text) {
    if (isIdle()) {
      return text;
    }
    var bytes = text.getBytes(StandardCharsets.UTF_8);
    redact(bytes, bytes.length);
    return new String(bytes, StandardCharsets.UTF_8);
  }

  /**
   * As {@link #redacted}, for a text that was cut off: an end that may be the beginning of a secret
   * is redacted too.
   */
  public String redactedCut(String text) {
    if (isIdle()) {
      return text;
    }
    // The cut may have split a character.
    var bytes = text.replaceFirst("\uFFFD+$", "").getBytes(StandardCharsets.UTF_8);
    int pending = pendingBytes(bytes, bytes.length);
    redact(bytes, bytes.length);
    Arrays.fill(bytes, bytes.length - pending, bytes.length, MASK);
    return new String(bytes, StandardCharsets.UTF_8);
  }

  /**
   * Number of trailing bytes that may be the beginning of a secret, and so must wait for the bytes
   * that follow. Expects bytes that are not redacted yet.
   */
  public int pendingBytes(byte[] bytes, int length) {
    for (int at = Math.max(0, length - reach); at < length; at++) {
      if (length - at < SHORTEST
          ? anyBeginsWith(bytes, at, length)
          : isPending(bytes, at, length)) {
        return length - at;
      }
    }
    return 0;
  }

  private boolean isPending(byte[] bytes, int at, int length) {
    int word = (int) WORD.get(bytes, at);
    if (mayBegin(word)) {
      for (int i = firstAtLeast(word); i < forms.length && beginnings[i] == word; i++) {
        if (forms[i].end(bytes, at, length) == SecretForm.INCOMPLETE) {
          return true;
        }
      }
    }
    return false;
  }

  /** For fewer bytes than the filter needs. */
  private boolean anyBeginsWith(byte[] bytes, int at, int length) {
    int lowest = 0;
    int highest = 0;
    for (int i = at; i < at + SHORTEST; i++) {
      lowest = lowest << Byte.SIZE | (i < length ? bytes[i] & 0xff : 0);
      highest = highest << Byte.SIZE | (i < length ? bytes[i] & 0xff : 0xff);
    }
    int next = firstAtLeast(lowest);
    return next < beginnings.length && beginnings[next] <= highest;
  }

  /** The end of the longest form that starts at {@code at}; negative if none does. */
  private int end(int word, byte[] bytes, int at, int length) {
    int end = SecretForm.ABSENT;
    for (int i = firstAtLeast(word); i < forms.length && beginnings[i] == word; i++) {
      end = Math.max(end, forms[i].end(bytes, at, length));
    }
    return end;
  }

  /** Index of the first beginning that is not less than this one. */
  private int firstAtLeast(int word) {
    int low = 0;
    int high = beginnings.length;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (beginnings[middle] < word) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  private boolean mayBegin(int word) {
    int place = place(word);
    return (filter[place >>> 6] & 1L << place) != 0;
  }

  private int place(int word) {
    return (word * SPREAD) >>> filterShift;
  }
}
