package io.capataz.embedded.store.inprocess;

import de.bwaldvogel.mongo.bson.BinData;
import de.bwaldvogel.mongo.bson.BsonJavaScript;
import de.bwaldvogel.mongo.bson.Document;
import de.bwaldvogel.mongo.bson.LegacyUUID;
import de.bwaldvogel.mongo.bson.MaxKey;
import de.bwaldvogel.mongo.bson.MinKey;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import org.bson.AbstractBsonWriter;
import org.bson.BsonBinary;
import org.bson.BsonBinarySubType;
import org.bson.BsonContextType;
import org.bson.BsonDbPointer;
import org.bson.BsonRegularExpression;
import org.bson.BsonSerializationException;
import org.bson.BsonTimestamp;
import org.bson.BsonWriterSettings;
import org.bson.FieldNameValidator;
import org.bson.types.Decimal128;
import org.bson.types.ObjectId;
import org.jspecify.annotations.Nullable;

/**
 * Writes BSON as the documents that the store reads from a connection: the same values of the same
 * types, and the same refusals. Counts the bytes that they would be there. Shares no byte array
 * with its caller.
 */
final class DocumentWriter extends AbstractBsonWriter {

  private static final int BYTES_OF_LENGTH = 4;
  private static final int BYTES_OF_UUID = 16;

  private @Nullable Document written;
  private long size;

  DocumentWriter(FieldNameValidator validator) {
    super(new BsonWriterSettings(), validator);
  }

  /** The document that was written last. */
  Document take() {
    Document taken = written;
    if (taken == null) {
      throw new IllegalStateException("No document has been written.");
    }
    written = null;
    return taken;
  }

  /** How many bytes the document has that was written last. */
  long size() {
    return size;
  }

  /** A document or an array that is being written. */
  final class Level extends AbstractBsonWriter.Context {
    private final @Nullable Level outer;
    private final Document fields = new Document();
    private final List<@Nullable Object> elements;

    Level(@Nullable Level outer, BsonContextType type) {
      super(outer, type);
      this.outer = outer;
      elements = type == BsonContextType.ARRAY ? new ArrayList<>() : List.of();
    }
  }

  /** None outside of all documents. */
  @Override
  protected @Nullable Level getContext() {
    return (Level) super.getContext();
  }

  private Level open() {
    return Objects.requireNonNull(getContext(), "a value is part of a document");
  }

  private void put(@Nullable Object value, long bytes) {
    Level level = open();
    if (level.getContextType() == BsonContextType.ARRAY) {
      size += 2 + digits(level.elements.size()) + bytes;
      level.elements.add(value);
      return;
    }
    String name = getName();
    size += 2 + Utf8.length(name) + bytes;
    if (level.fields.put(name, value) != null) {
      throw new BsonSerializationException("A document has the field '%s' twice.".formatted(name));
    }
  }

  private static int digits(int index) {
    int digits = 1;
    for (int rest = index / 10; rest > 0; rest /= 10) {
      digits++;
    }
    return digits;
  }

  private static long bytesOf(String text) {
    return BYTES_OF_LENGTH + Utf8.length(text) + 1L;
  }

  private static BsonSerializationException notKept(String what) {
    return new BsonSerializationException(
        "The embedded store does not keep %s. Use a real MongoDB (--mongodb-uri) for it."
            .formatted(what));
  }

  private static String withoutNull(String text) {
    int at = text.indexOf('\0');
    if (at >= 0) {
      throw new BsonSerializationException(
          "BSON cstring '%s' is not valid because it contains a null character at index %d"
              .formatted(text, at));
    }
    return Utf8.normal(text);
  }

  @Override
  public void writeName(String name) {
    super.writeName(withoutNull(name));
  }

  @Override
  protected void doWriteStartDocument() {
    Level outer = getContext();
    if (outer == null) {
      size = 0;
    }
    size += BYTES_OF_LENGTH + 1;
    setContext(new Level(outer, BsonContextType.DOCUMENT));
  }

  @Override
  protected void doWriteEndDocument() {
    Level ended = open();
    setContext(ended.outer);
    if (ended.outer == null) {
      written = ended.fields;
    } else {
      put(ended.fields, 0);
    }
  }

  @Override
  protected void doWriteStartArray() {
    size += BYTES_OF_LENGTH + 1;
    setContext(new Level(getContext(), BsonContextType.ARRAY));
  }

  @Override
  protected void doWriteEndArray() {
    Level ended = open();
    setContext(ended.outer);
    put(ended.elements, 0);
  }

  @Override
  protected void doWriteBinaryData(BsonBinary value) {
    byte[] data = value.getData();
    put(binary(value.getType(), data), BYTES_OF_LENGTH + 1L + data.length);
  }

  private static Object binary(byte type, byte[] data) {
    if (type == BsonBinarySubType.BINARY.getValue()
        || type == BsonBinarySubType.USER_DEFINED.getValue()) {
      return new BinData(data.clone());
    }
    boolean legacy = type == BsonBinarySubType.UUID_LEGACY.getValue();
    if (data.length != BYTES_OF_UUID
        || !(legacy || type == BsonBinarySubType.UUID_STANDARD.getValue())) {
      throw notKept("%d bytes of binary data of subtype %d".formatted(data.length, type & 0xff));
    }
    ByteBuffer bytes =
        ByteBuffer.wrap(data).order(legacy ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN);
    UUID uuid = new UUID(bytes.getLong(), bytes.getLong());
    return legacy ? new LegacyUUID(uuid) : uuid;
  }

  @Override
  protected void doWriteBoolean(boolean value) {
    put(value, 1);
  }

  @Override
  protected void doWriteDateTime(long value) {
    put(Instant.ofEpochMilli(value), Long.BYTES);
  }

  @Override
  protected void doWriteDouble(double value) {
    put(value, Double.BYTES);
  }

  @Override
  protected void doWriteInt32(int value) {
    put(value, Integer.BYTES);
  }

  @Override
  protected void doWriteInt64(long value) {
    put(value, Long.BYTES);
  }

  @Override
  protected void doWriteDecimal128(Decimal128 value) {
    put(new de.bwaldvogel.mongo.bson.Decimal128(value.getLow(), value.getHigh()), 2L * Long.BYTES);
  }

  @Override
  protected void doWriteJavaScript(String value) {
    put(new BsonJavaScript(Utf8.normal(value)), bytesOf(value));
  }

  @Override
  protected void doWriteMaxKey() {
    put(MaxKey.getInstance(), 0);
  }

  @Override
  protected void doWriteMinKey() {
    put(MinKey.getInstance(), 0);
  }

  @Override
  protected void doWriteNull() {
    put(null, 0);
  }

  @Override
  protected void doWriteUndefined() {
    put(null, 0);
  }

  @Override
  protected void doWriteObjectId(ObjectId value) {
    put(new de.bwaldvogel.mongo.bson.ObjectId(value.toByteArray()), 12);
  }

  @Override
  protected void doWriteRegularExpression(BsonRegularExpression value) {
    String pattern = withoutNull(value.getPattern());
    String options = withoutNull(value.getOptions());
    put(
        new de.bwaldvogel.mongo.bson.BsonRegularExpression(pattern, options),
        Utf8.length(pattern) + Utf8.length(options) + 2L);
  }

  @Override
  protected void doWriteString(String value) {
    put(Utf8.normal(value), bytesOf(value));
  }

  @Override
  protected void doWriteTimestamp(BsonTimestamp value) {
    put(new de.bwaldvogel.mongo.bson.BsonTimestamp(value.getValue()), Long.BYTES);
  }

  @Override
  protected void doWriteSymbol(String value) {
    throw notKept("symbols");
  }

  @Override
  protected void doWriteDBPointer(BsonDbPointer value) {
    throw notKept("database pointers");
  }

  @Override
  protected void doWriteJavaScriptWithScope(String value) {
    throw notKept("JavaScript with a scope");
  }

  @Override
  public void flush() {
    // Nothing is held back.
  }
}
