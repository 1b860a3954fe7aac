package io.capataz.embedded.store;

import de.bwaldvogel.mongo.bson.BsonRegularExpression;
import de.bwaldvogel.mongo.bson.Document;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * What a query demands of single fields, as far as an index can help with it.
 *
 * <p>Every condition kept here is necessary: a document that does not meet it cannot match. What is
 * not understood is left out, because the matcher sees every candidate anyway.
 */
final class Conditions {

  /** The values one of which the field must have, encoded in ascending order. */
  record Points(List<byte[]> values) {
    boolean excludeNull() {
      byte[] nothing = KeyEncoding.encode(null);
      return values.stream().noneMatch(value -> value[0] == nothing[0]);
    }
  }

  /** One end of a range; both ends of a range are of one type. */
  record Bound(Object value, boolean inclusive) {}

  /** A range that is open where an end is absent; at least one end is there. */
  record Range(Optional<Bound> low, Optional<Bound> high) {}

  private final Map<String, Points> points = new HashMap<>();
  private final Map<String, Range> ranges = new HashMap<>();

  private Conditions() {}

  static Conditions of(Document query) {
    Conditions conditions = new Conditions();
    conditions.addAll(query);
    return conditions;
  }

  Optional<Points> points(String path) {
    return Optional.ofNullable(points.get(path));
  }

  Optional<Range> range(String path) {
    return Optional.ofNullable(ranges.get(path));
  }

  private void addAll(Document query) {
    query.forEach(
        (path, demand) -> {
          if (path.equals("$and") && demand instanceof Collection<?> parts) {
            for (Object part : parts) {
              if (part instanceof Document document) {
                addAll(document);
              }
            }
          } else if (!path.startsWith("$")) {
            add(path, demand);
          }
        });
  }

  private void add(String path, @Nullable Object demand) {
    if (demand instanceof Document document
        && document.keySet().stream().anyMatch(key -> key.startsWith("$"))) {
      document.forEach((operator, operand) -> addOperator(path, operator, operand));
    } else {
      addPoints(path, Collections.singletonList(demand));
    }
  }

  private void addOperator(String path, String operator, @Nullable Object operand) {
    switch (operator) {
      case "$eq" -> addPoints(path, Collections.singletonList(operand));
      case "$in" -> {
        if (operand instanceof Collection<?> values) {
          addPoints(path, values);
        }
      }
      case "$gt" -> addLow(path, operand, false);
      case "$gte" -> addLow(path, operand, true);
      case "$lt" -> addHigh(path, operand, false);
      case "$lte" -> addHigh(path, operand, true);
      default -> {
        // The matcher knows the others.
      }
    }
  }

  private void addPoints(String path, Collection<?> values) {
    // An array may equal the field or one element of it, and a pattern is no value: no key says
    // that.
    if (values.stream()
        .anyMatch(
            value ->
                value instanceof Collection
                    || value instanceof BsonRegularExpression
                    || !KeyEncoding.canEncode(value))) {
      return;
    }
    List<byte[]> encoded =
        values.stream().map(KeyEncoding::encode).sorted(Arrays::compareUnsigned).toList();
    Points found = new Points(withoutRepetition(encoded));
    Points known = points.get(path);
    if (known == null || found.values().size() < known.values().size()) {
      points.put(path, found);
    }
  }

  private static List<byte[]> withoutRepetition(List<byte[]> sorted) {
    return IntStream.range(0, sorted.size())
        .filter(i -> i == 0 || !Arrays.equals(sorted.get(i - 1), sorted.get(i)))
        .mapToObj(sorted::get)
        .toList();
  }

  private void addLow(String path, @Nullable Object value, boolean inclusive) {
    if (value != null && KeyEncoding.canBound(value)) {
      Bound low = new Bound(value, inclusive);
      ranges.merge(
          path,
          new Range(Optional.of(low), Optional.empty()),
          (known, added) ->
              known.low().isEmpty()
                      && known.high().filter(high -> comparable(low, high)).isPresent()
                  ? new Range(added.low(), known.high())
                  : known);
    }
  }

  private void addHigh(String path, @Nullable Object value, boolean inclusive) {
    if (value != null && KeyEncoding.canBound(value)) {
      Bound high = new Bound(value, inclusive);
      ranges.merge(
          path,
          new Range(Optional.empty(), Optional.of(high)),
          (known, added) ->
              known.high().isEmpty() && known.low().filter(low -> comparable(low, high)).isPresent()
                  ? new Range(known.low(), added.high())
                  : known);
    }
  }

  private static boolean comparable(Bound one, Bound other) {
    return KeyEncoding.bracket(one.value()) == KeyEncoding.bracket(other.value());
  }
}
