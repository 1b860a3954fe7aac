package io.capataz.embedded.store;

import de.bwaldvogel.mongo.backend.Missing;
import de.bwaldvogel.mongo.bson.BinData;
import de.bwaldvogel.mongo.bson.BsonRegularExpression;
import de.bwaldvogel.mongo.bson.BsonTimestamp;
import de.bwaldvogel.mongo.bson.Decimal128;
import de.bwaldvogel.mongo.bson.LegacyUUID;
import de.bwaldvogel.mongo.bson.MaxKey;
import de.bwaldvogel.mongo.bson.MinKey;
import de.bwaldvogel.mongo.bson.ObjectId;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Collection;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Turns a value into bytes whose unsigned order is BSON's sort order, so that the engine can keep
 * an index sorted without knowing what it holds.
 *
 * <p>A value is one byte for its type bracket and then its content. No encoding is the beginning of
 * another one, and neither a bracket nor its complement is 0x00 or 0xFF: this is what lets the
 * fields of a compound key be joined without a separator, be complemented for descending order, and
 * be bounded by appending 0xFF.
 */
final class KeyEncoding {

  /** Greater than every byte that can follow a complete value in a key. */
  static final byte ABOVE = (byte) 0xFF;

  private static final int MIN_KEY = 0x05;
  private static final int EMPTY_ARRAY = 0x08;
  private static final int NULL = 0x10;
  private static final int NUMBER = 0x20;
  private static final int STRING = 0x30;
  private static final int OBJECT = 0x40;
  private static final int ARRAY = 0x48;
  private static final int BINARY = 0x50;
  private static final int OBJECT_ID = 0x60;
  private static final int BOOLEAN = 0x70;
  private static final int DATE = 0x80;
  private static final int TIMESTAMP = 0x88;
  private static final int REGEX = 0x90;
  private static final int MAX_KEY = 0xE0;

  private static final int END = 0x00;

  /** What an index holds for an array without elements: below null, as on MongoDB. */
  static final byte[] OF_EMPTY_ARRAY = {EMPTY_ARRAY};

  private KeyEncoding() {}

  /** Whether {@link #encode} has bytes for this value; decimals and code have none. */
  static boolean canEncode(@Nullable Object value) {
    return switch (value) {
      case Map<?, ?> document -> document.values().stream().allMatch(KeyEncoding::canEncode);
      case Collection<?> array -> array.stream().allMatch(KeyEncoding::canEncode);
      case null -> true;
      default -> bracketOf(value) != END;
    };
  }

  /** Whether values of this type are ordered by their bytes exactly as the matcher orders them. */
  static boolean canBound(@Nullable Object value) {
    return switch (value) {
      case null -> false;
      case Double number -> !number.isNaN();
      default ->
          switch (bracketOf(value)) {
            case NUMBER, STRING, OBJECT_ID, BOOLEAN, DATE, TIMESTAMP -> true;
            default -> false;
          };
    };
  }

  static byte[] encode(@Nullable Object value) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(24);
    write(value, out);
    return out.toByteArray();
  }

  /** The first byte of every value that is comparable with this one. */
  static byte bracket(Object value) {
    return (byte) bracketOf(value);
  }

  /** Reverses the order of encoded values. */
  static byte[] complement(byte[] ascending) {
    byte[] descending = new byte[ascending.length];
    for (int i = 0; i < ascending.length; i++) {
      descending[i] = (byte) ~ascending[i];
    }
    return descending;
  }

  private static int bracketOf(@Nullable Object value) {
    return switch (value) {
      case null -> NULL;
      case Missing _ -> NULL;
      case Decimal128 _ -> END;
      case Number _ -> NUMBER;
      case String _ -> STRING;
      case Map<?, ?> _ -> OBJECT;
      case Collection<?> _ -> ARRAY;
      case BinData _ -> BINARY;
      case UUID _ -> BINARY;
      case LegacyUUID _ -> BINARY;
      case ObjectId _ -> OBJECT_ID;
      case Boolean _ -> BOOLEAN;
      case Instant _ -> DATE;
      case BsonTimestamp _ -> TIMESTAMP;
      case BsonRegularExpression _ -> REGEX;
      case MinKey _ -> MIN_KEY;
      case MaxKey _ -> MAX_KEY;
      default -> END;
    };
  }

  private static void write(@Nullable Object value, ByteArrayOutputStream out) {
    int bracket = bracketOf(value);
    out.write(bracket);
    writeContent(value, bracket, out);
  }

  private static void writeContent(@Nullable Object value, int bracket, ByteArrayOutputStream out) {
    switch (value) {
      case null -> {}
      case Missing _ -> {}
      case MinKey _ -> {}
      case MaxKey _ -> {}
      case Number number when bracket == NUMBER -> writeNumber(number, out);
      case String string -> writeString(string, out);
      case Map<?, ?> document -> {
        for (Map.Entry<?, ?> field : document.entrySet()) {
          // MongoDB compares type, then name, then value of each field.
          int fieldBracket = bracketOf(field.getValue());
          out.write(fieldBracket);
          writeString(String.valueOf(field.getKey()), out);
          writeContent(field.getValue(), fieldBracket, out);
        }
        out.write(END);
      }
      case Collection<?> array -> {
        for (Object element : array) {
          write(element, out);
        }
        out.write(END);
      }
      case BinData binary -> writeBinary(0, binary.getData(), out);
      case UUID uuid -> writeBinary(4, bytesOf(uuid), out);
      case LegacyUUID uuid -> writeBinary(3, bytesOf(uuid.getUuid()), out);
      case ObjectId id -> out.writeBytes(id.toByteArray());
      case Boolean truth -> out.write(truth ? 2 : 1);
      case Instant instant -> writeLong(instant.toEpochMilli() ^ Long.MIN_VALUE, out);
      case BsonTimestamp timestamp -> writeLong(timestamp.getValue(), out);
      case BsonRegularExpression regex -> {
        writeString(regex.getPattern(), out);
        writeString(regex.getOptions() == null ? "" : regex.getOptions(), out);
      }
      default ->
          throw new IllegalArgumentException("no key for a value of " + value.getClass().getName());
    }
  }

  /**
   * One and the same number has the same bytes as int, long and double: the nearest double, and
   * then how far a long is away from it.
   */
  private static void writeNumber(Number number, ByteArrayOutputStream out) {
    double nearest = number.doubleValue();
    int distance = 0;
    if (number instanceof Long exact) {
      distance =
          nearest == 0x1p63 ? (int) (exact - Long.MAX_VALUE) - 1 : (int) (exact - (long) nearest);
    }
    if (Double.isNaN(nearest)) {
      writeLong(0, out);
    } else {
      long bits = Double.doubleToLongBits(nearest == 0 ? 0.0 : nearest);
      writeLong(bits < 0 ? ~bits : bits ^ Long.MIN_VALUE, out);
    }
    int shifted = distance + 0x8000;
    out.write(shifted >>> 8);
    out.write(shifted);
  }

  private static void writeString(String string, ByteArrayOutputStream out) {
    for (byte b : string.getBytes(StandardCharsets.UTF_8)) {
      out.write(b);
      if (b == 0) {
        out.write(0xFF);
      }
    }
    out.write(END);
    out.write(END);
  }

  private static void writeBinary(int subtype, byte[] bytes, ByteArrayOutputStream out) {
    out.writeBytes(ByteBuffer.allocate(4).putInt(bytes.length).array());
    out.write(subtype);
    out.writeBytes(bytes);
  }

  private static void writeLong(long value, ByteArrayOutputStream out) {
    out.writeBytes(ByteBuffer.allocate(8).putLong(value).array());
  }

  private static byte[] bytesOf(UUID uuid) {
    return ByteBuffer.allocate(16)
        .putLong(uuid.getMostSignificantBits())
        .putLong(uuid.getLeastSignificantBits())
        .array();
  }
}
