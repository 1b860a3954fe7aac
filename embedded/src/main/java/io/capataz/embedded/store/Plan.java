package io.capataz.embedded.store;

import java.util.List;
import java.util.Optional;

/**
 * Which entries to read for a query, and in which order.
 *
 * @param index the index to walk; absent means all documents in the order of their insertion
 * @param sorted whether the documents come in the order that was asked for
 * @param merged whether the ranges are to be read side by side, because only together they are in
 *     order
 */
record Plan(
    Optional<StoreIndex> index,
    List<KeyRange> ranges,
    boolean backward,
    boolean sorted,
    boolean merged) {

  Plan {
    ranges = List.copyOf(ranges);
  }

  static Plan allDocuments(boolean backward, boolean sorted) {
    return new Plan(Optional.empty(), List.of(), backward, sorted, false);
  }

  /**
   * The keys from {@code low}, included, to {@code high}, excluded. Not a record: arrays have no
   * equality.
   */
  static final class KeyRange {
    private final byte[] low;
    private final byte[] high;
    private final int fixed;

    KeyRange(byte[] low, byte[] high, int fixed) {
      this.low = low;
      this.high = high;
      this.fixed = fixed;
    }

    byte[] low() {
      return low;
    }

    byte[] high() {
      return high;
    }

    /** How many bytes all keys of the range have in common because the query gives their values. */
    int fixed() {
      return fixed;
    }
  }
}
