package io.capataz.agent.redact;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.stream.LongStream;

/**
 * Hides a job's secrets in what its script prints, before the bytes leave the host. Each byte of a
 * secret is overwritten, none is removed: offsets mean the same before and after, and what becomes
 * of a byte depends on the stream alone, not on how it was cut or when it was read.
 *
 * <p>A secret is found as it is and in the forms that tools give it: in URLs, in JSON and other
 * strings with backslashes, in a shell's quotes, in XML, in hexadecimal and base64, also within a
 * longer base64 text and over line ends. Where a digit of base64 holds bits of the secret and of
 * its neighbour, it stays. {@link SecretForms} has the details.
 *
 * <p>Every four bytes are looked up in a filter, which mostly says no; where it does not, the forms
 * that may begin so are compared. That is fast unless a stream repeats the beginnings of secrets
 * over and over. Memory is about a hundred times that of the secrets.
 */
public final class Redactor {

  /** Secrets of fewer bytes are not maskedUpTo: they would be found everywhere. */
  static final int SHORTEST = SecretForm.SHORTEST;

  private static final byte MASK = '*';

  private static final VarHandle WORD =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);

  /** Spreads words over the filter: 2^32 divided by the golden ratio. */
  private static final int SPREAD = 0x9E3779B9;

  private static final int SMALLEST_FILTER = 16;
  private static final int LARGEST_FILTER = 23;

  /** Between 32 and 64 bits for each beginning: few others pass the filter. */
  private static final int FILTER_ROOM = 5;

  private final int reach;

  /** What the forms begin with, sorted; many begin with the same. */
  private final int[] beginnings;

  /** The form whose beginning has the same place. */
  private final SecretForm[] forms;

  private final long[] filter;
  private final int filterShift;

  private Redactor(List<SecretForm> all) {
    reach = Math.max(0, all.stream().mapToInt(SecretForm::longest).max().orElse(0) - 1);
    long[] found = beginningsOf(all);
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

  /** Of each form each beginning, with the form's number in the lower half; sorted. */
  private static long[] beginningsOf(List<SecretForm> all) {
    LongStream.Builder found = LongStream.builder();
    for (int i = 0; i < all.size(); i++) {
      long form = i;
      all.get(i).beginnings(word -> found.add((long) word << Integer.SIZE | form));
    }
    long[] sorted = found.build().sorted().toArray();
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

  /** Whether there is nothing to hide. */
  public boolean isIdle() {
    return forms.length == 0;
  }

  /**
   * How many bytes before and after a window have to be there, where the stream has them, for the
   * bytes inside of it to become what they become in the whole stream.
   */
  public int reach() {
    return reach;
  }

  /** Overwrites all secrets that are whole in the first {@code length} bytes. */
  public void redact(byte[] bytes, int length) {
    if (isIdle()) {
      return;
    }
    // Secrets may overlap. So nothing is overwritten before all that begins there has been found.
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

  /**
   * How many of the last bytes may be the beginning of a secret, and so have to wait for what comes
   * next. The bytes have to be as they were printed, not yet maskedUpTo.
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

  /** For fewer bytes than are looked up. */
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

  /** Where the longest form ends that begins at {@code at}; lower if none does. */
  private int end(int word, byte[] bytes, int at, int length) {
    int end = SecretForm.ABSENT;
    for (int i = firstAtLeast(word); i < forms.length && beginnings[i] == word; i++) {
      end = Math.max(end, forms[i].end(bytes, at, length));
    }
    return end;
  }

  /** The place of the first beginning that is not below this one. */
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
