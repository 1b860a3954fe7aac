package io.capataz.embedded.store.inprocess;

import de.bwaldvogel.mongo.bson.BinData;
import de.bwaldvogel.mongo.bson.BsonJavaScript;
import de.bwaldvogel.mongo.bson.BsonRegularExpression;
import de.bwaldvogel.mongo.bson.BsonTimestamp;
import de.bwaldvogel.mongo.bson.Decimal128;
import de.bwaldvogel.mongo.bson.Document;
import de.bwaldvogel.mongo.bson.LegacyUUID;
import de.bwaldvogel.mongo.bson.MaxKey;
import de.bwaldvogel.mongo.bson.MinKey;
import de.bwaldvogel.mongo.bson.ObjectId;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Instant;
import java.util.Collection;
import java.util.Map;
import java.util.UUID;
import org.bson.BsonArray;
import org.bson.BsonBinary;
import org.bson.BsonBinarySubType;
import org.bson.BsonBoolean;
import org.bson.BsonDateTime;
import org.bson.BsonDecimal128;
import org.bson.BsonDocument;
import org.bson.BsonDouble;
import org.bson.BsonInt32;
import org.bson.BsonInt64;
import org.bson.BsonMaxKey;
import org.bson.BsonMinKey;
import org.bson.BsonNull;
import org.bson.BsonObjectId;
import org.bson.BsonString;
import org.bson.BsonValue;
import org.jspecify.annotations.Nullable;

/** What the store answers, in the words of the driver: what would be read from a connection. */
final class Answers {

  private Answers() {}

  static boolean isOk(Document answer) {
    return switch (answer.get("ok")) {
      case Boolean ok -> ok;
      case Number ok -> ok.intValue() == 1;
      case null, default -> false;
    };
  }

  static BsonDocument toBson(Map<?, ?> document) {
    BsonDocument bson = new BsonDocument(Math.max(8, 2 * document.size()));
    document.forEach((name, value) -> bson.put(String.valueOf(name), toBson(value)));
    return bson;
  }

  private static BsonValue toBson(@Nullable Object value) {
    return switch (value) {
      case null -> BsonNull.VALUE;
      case String text -> new BsonString(text);
      case Integer number -> new BsonInt32(number);
      case Long number -> new BsonInt64(number);
      case Instant time -> new BsonDateTime(time.toEpochMilli());
      case Map<?, ?> document -> toBson(document);
      case Collection<?> elements -> toBson(elements);
      case Boolean truth -> BsonBoolean.valueOf(truth);
      case Double number -> new BsonDouble(number);
      case BinData binary -> new BsonBinary(binary.getData());
      case UUID uuid -> uuid(uuid, BsonBinarySubType.UUID_STANDARD, ByteOrder.BIG_ENDIAN);
      case LegacyUUID uuid ->
          uuid(uuid.getUuid(), BsonBinarySubType.UUID_LEGACY, ByteOrder.LITTLE_ENDIAN);
      case ObjectId id -> new BsonObjectId(new org.bson.types.ObjectId(id.toByteArray()));
      case Decimal128 number ->
          new BsonDecimal128(
              org.bson.types.Decimal128.fromIEEE754BIDEncoding(number.getHigh(), number.getLow()));
      case BsonTimestamp time -> new org.bson.BsonTimestamp(time.getValue());
      case BsonRegularExpression expression ->
          new org.bson.BsonRegularExpression(expression.getPattern(), expression.getOptions());
      case BsonJavaScript script -> new org.bson.BsonJavaScript(script.getCode());
      case MinKey _ -> new BsonMinKey();
      case MaxKey _ -> new BsonMaxKey();
      default -> throw new IllegalArgumentException("Unknown type: " + value.getClass());
    };
  }

  private static BsonArray toBson(Collection<?> elements) {
    BsonArray array = new BsonArray(elements.size());
    elements.forEach(element -> array.add(toBson(element)));
    return array;
  }

  private static BsonBinary uuid(UUID uuid, BsonBinarySubType type, ByteOrder order) {
    return new BsonBinary(
        type,
        ByteBuffer.allocate(2 * Long.BYTES)
            .order(order)
            .putLong(uuid.getMostSignificantBits())
            .putLong(uuid.getLeastSignificantBits())
            .array());
  }
}
