package io.capataz.supervisor.model;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** A set of fingerprints: a table of numbers, because millions of objects would not fit. */
final class Fingerprints {

  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private long[] table = new long[1 << 16];
  private int size;

  /** Of some bytes; never 0. */
  static long of(byte[] bytes) {
    var hash = 0x9E3779B97F4A7C15L * (bytes.length + 1);
    var at = 0;
    for (; at + Long.BYTES <= bytes.length; at += Long.BYTES) {
      hash = mixed(hash ^ (long) LONGS.get(bytes, at));
    }
    var rest = 0L;
    for (; at < bytes.length; at++) {
      rest = (rest << Byte.SIZE) | (bytes[at] & 0xFF);
    }
    hash = mixed(hash ^ rest);
    return hash == 0 ? 1 : hash;
  }

  /** Two multiplications, so that each bit in moves each bit out. */
  private static long mixed(long value) {
    var x = value;
    x = (x ^ (x >>> 32)) * 0xD6E8FEB86659FD93L;
    x = (x ^ (x >>> 32)) * 0xD6E8FEB86659FD93L;
    return x ^ (x >>> 32);
  }

  boolean isNew(long fingerprint) {
    return table[placeOf(table, fingerprint)] == 0;
  }

  /** False if it was there. */
  boolean add(long fingerprint) {
    var place = placeOf(table, fingerprint);
    if (table[place] != 0) {
      return false;
    }
    table[place] = fingerprint;
    size++;
    if (size > table.length / 2) {
      grow();
    }
    return true;
  }

  private void grow() {
    var larger = new long[table.length * 2];
    for (var fingerprint : table) {
      if (fingerprint != 0) {
        larger[placeOf(larger, fingerprint)] = fingerprint;
      }
    }
    table = larger;
  }

  private static int placeOf(long[] table, long fingerprint) {
    var place = (int) fingerprint & (table.length - 1);
    while (table[place] != 0 && table[place] != fingerprint) {
      place = (place + 1) & (table.length - 1);
    }
    return place;
  }
}
