package io.capataz.supervisor.model;

import java.util.Arrays;

/** A list of numbers that grows. */
final class Ints {

  private int[] values = new int[1 << 12];
  private int size;

  void add(int value) {
    if (size == values.length) {
      values = Arrays.copyOf(values, 2 * size);
    }
    values[size++] = value;
  }

  int get(int at) {
    return values[at];
  }

  int size() {
    return size;
  }
}
