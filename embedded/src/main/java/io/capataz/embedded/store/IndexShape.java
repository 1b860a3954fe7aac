package io.capataz.embedded.store;

import de.bwaldvogel.mongo.backend.IndexKey;
import de.bwaldvogel.mongo.backend.Missing;
import de.bwaldvogel.mongo.bson.Decimal128;
import de.bwaldvogel.mongo.bson.Document;
import de.bwaldvogel.mongo.exception.ErrorCode;
import de.bwaldvogel.mongo.exception.MongoServerError;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** What an index is made of, and so which keys a document has in it. */
record IndexShape(List<Field> fields, boolean unique, boolean sparse) {

  private static final int MAX_FIELDS = 32;

  IndexShape {
    fields = List.copyOf(fields);
    if (fields.isEmpty() || fields.size() > MAX_FIELDS) {
      throw new MongoServerError(
          ErrorCode.BadValue,
          "an index has 1 to %d fields, not %d".formatted(MAX_FIELDS, fields.size()));
    }
  }

  static IndexShape of(List<IndexKey> keys, boolean unique, boolean sparse) {
    return new IndexShape(
        keys.stream().map(key -> new Field(key.getKey(), key.isAscending())).toList(),
        unique,
        sparse);
  }

  /** One field of an index; {@code steps} is its path, taken apart once. */
  record Field(String path, boolean ascending, List<String> steps) {
    Field(String path, boolean ascending) {
      this(path, ascending, List.of(path.split("\\.", -1)));
    }

    byte[] encode(byte[] value) {
      return ascending ? value : KeyEncoding.complement(value);
    }
  }

  /**
   * The keys of one document, sorted and without repetition.
   *
   * @param arrayFields bit i is set when field i was reached through an array, which limits what
   *     the planner may conclude
   */
  record Keys(List<byte[]> keys, int arrayFields) {
    boolean sameAs(Keys other) {
      if (keys.size() != other.keys.size()) {
        return false;
      }
      for (int i = 0; i < keys.size(); i++) {
        if (!Arrays.equals(keys.get(i), other.keys.get(i))) {
          return false;
        }
      }
      return true;
    }

    boolean contains(byte[] key) {
      return keys.stream().anyMatch(own -> Arrays.equals(own, key));
    }
  }

  Keys keysOf(Document document) {
    List<byte[]> prefixes = List.of(new byte[0]);
    int arrayFields = 0;
    boolean anyPresent = false;
    for (int i = 0; i < fields.size(); i++) {
      Field field = fields.get(i);
      Values values = new Values(true);
      values.collect(document, field.steps(), 0);
      anyPresent |= values.present;
      if (values.throughArray) {
        if (arrayFields != 0) {
          throw parallelArrays(arrayFields, field);
        }
        arrayFields = 1 << i;
      }
      List<byte[]> longer = new ArrayList<>(prefixes.size() * values.encoded.size());
      for (byte[] prefix : prefixes) {
        for (byte[] value : values.encoded) {
          longer.add(join(prefix, field.encode(value)));
        }
      }
      prefixes = longer;
    }
    if (sparse && !anyPresent) {
      return new Keys(List.of(), arrayFields);
    }
    return new Keys(prefixes.size() == 1 ? prefixes : distinct(prefixes), arrayFields);
  }

  /**
   * One key by which documents are sorted when no index does it: of an array its smallest element
   * counts, or its largest when the order is descending, as on MongoDB.
   */
  static byte[] sortKey(List<Field> fields, Document document) {
    byte[] key = new byte[0];
    for (Field field : fields) {
      Values values = new Values(false);
      values.collect(document, field.steps(), 0);
      Comparator<byte[]> order = Arrays::compareUnsigned;
      key =
          join(
              key,
              field.encode(
                  Collections.min(values.encoded, field.ascending() ? order : order.reversed())));
    }
    return key;
  }

  private MongoServerError parallelArrays(int arrayFields, Field second) {
    String first = fields.get(Integer.numberOfTrailingZeros(arrayFields)).path();
    return new MongoServerError(
        ErrorCode.CannotIndexParallelArrays,
        "cannot index parallel arrays [%s] [%s]: the embedded store allows one array per index; index one of the two"
            .formatted(second.path(), first));
  }

  private static List<byte[]> distinct(List<byte[]> keys) {
    TreeSet<byte[]> sorted = new TreeSet<>(Arrays::compareUnsigned);
    sorted.addAll(keys);
    return List.copyOf(sorted);
  }

  static byte[] join(byte[] left, byte... right) {
    byte[] joined = Arrays.copyOf(left, left.length + right.length);
    System.arraycopy(right, 0, joined, left.length, right.length);
    return joined;
  }

  /**
   * The encoded values that one path leads to. An array on the way or at the end leads to several.
   */
  private static final class Values {
    private final List<byte[]> encoded = new ArrayList<>(1);
    private final boolean exact;
    private boolean throughArray;
    private boolean present;

    /**
     * Exact keys tell all values apart; for a sort, the nearest double of a decimal is good enough.
     */
    Values(boolean exact) {
      this.exact = exact;
    }

    void collect(@Nullable Object value, List<String> steps, int step) {
      if (step == steps.size()) {
        addLeaf(value, steps);
      } else if (value instanceof Document document) {
        collect(document.getOrMissing(steps.get(step)), steps, step + 1);
      } else if (value instanceof List<?> array) {
        throughArray = true;
        for (Object element : array) {
          if (element instanceof Document) {
            collect(element, steps, step);
          } else {
            encoded.add(KeyEncoding.encode(null));
          }
        }
        if (array.isEmpty()) {
          encoded.add(KeyEncoding.encode(null));
        }
      } else {
        encoded.add(KeyEncoding.encode(null));
      }
    }

    private void addLeaf(@Nullable Object value, List<String> steps) {
      if (value instanceof List<?> array) {
        present = true;
        throughArray = true;
        for (Object element : array) {
          encoded.add(encode(element, steps));
        }
        if (array.isEmpty()) {
          encoded.add(KeyEncoding.OF_EMPTY_ARRAY);
        }
        return;
      }
      present |= !(value instanceof Missing);
      encoded.add(encode(value, steps));
    }

    private byte[] encode(@Nullable Object value, List<String> steps) {
      if (!exact && value instanceof Decimal128 decimal) {
        return KeyEncoding.encode(decimal.doubleValue());
      }
      if (!KeyEncoding.canEncode(value)) {
        throw new MongoServerError(
            ErrorCode.BadValue,
            "cannot index or sort by field %s: the embedded store has no key for a value of type %s; store a number, string or date"
                .formatted(
                    String.join(".", steps),
                    value == null ? "null" : value.getClass().getSimpleName()));
      }
      return KeyEncoding.encode(value);
    }
  }
}
