package io.capataz.supervisor.library;

import java.math.BigDecimal;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/**
 * The number of a version of an API task. Versions go up in steps of 0.1 and are compared by value:
 * {@code 0.1}, {@code "0.1"} and {@code 0.10} are the same, and 1.0 comes after 0.9.
 *
 * @param tenths counted from 1
 */
record VersionNumber(int tenths) implements Comparable<VersionNumber> {

  static final VersionNumber FIRST = new VersionNumber(1);

  private static final int LONGEST = 20;

  VersionNumber next() {
    return new VersionNumber(tenths + 1);
  }

  /** The number in a text; empty if it is none that a version can have. */
  static Optional<VersionNumber> parse(String text) {
    if (text.length() > LONGEST || !text.matches("\\d+(\\.\\d+)?")) {
      return Optional.empty();
    }
    var tenths = new BigDecimal(text).movePointRight(1).stripTrailingZeros();
    return tenths.scale() > 0 || tenths.compareTo(BigDecimal.valueOf(Integer.MAX_VALUE)) > 0
        ? Optional.empty()
        : Optional.of(new VersionNumber(tenths.intValueExact()));
  }

  /** The same in a field, which may be a number or a text. */
  static Optional<VersionNumber> of(JsonNode value) {
    return value.isNumber() || value.isString() ? parse(value.asString()) : Optional.empty();
  }

  @Override
  public int compareTo(VersionNumber other) {
    return Integer.compare(tenths, other.tenths);
  }

  @Override
  public String toString() {
    return tenths / 10 + "." + tenths % 10;
  }
}
