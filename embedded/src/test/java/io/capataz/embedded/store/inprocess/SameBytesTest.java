package io.capataz.embedded.store.inprocess;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.mongodb.internal.validator.NoOpFieldNameValidator;
import de.bwaldvogel.mongo.bson.Document;
import de.bwaldvogel.mongo.wire.bson.BsonDecoder;
import de.bwaldvogel.mongo.wire.bson.BsonEncoder;
import io.capataz.testing.Repetitions;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.util.Random;
import java.util.UUID;
import org.bson.BsonArray;
import org.bson.BsonBinary;
import org.bson.BsonBinaryWriter;
import org.bson.BsonBoolean;
import org.bson.BsonDateTime;
import org.bson.BsonDbPointer;
import org.bson.BsonDecimal128;
import org.bson.BsonDocument;
import org.bson.BsonDouble;
import org.bson.BsonInt32;
import org.bson.BsonInt64;
import org.bson.BsonJavaScript;
import org.bson.BsonJavaScriptWithScope;
import org.bson.BsonMaxKey;
import org.bson.BsonMinKey;
import org.bson.BsonNull;
import org.bson.BsonObjectId;
import org.bson.BsonRegularExpression;
import org.bson.BsonSerializationException;
import org.bson.BsonString;
import org.bson.BsonSymbol;
import org.bson.BsonTimestamp;
import org.bson.BsonUndefined;
import org.bson.BsonValue;
import org.bson.BsonWriter;
import org.bson.RawBsonDocument;
import org.bson.UuidRepresentation;
import org.bson.codecs.BsonDocumentCodec;
import org.bson.codecs.EncoderContext;
import org.bson.io.BasicOutputBuffer;
import org.bson.types.Decimal128;
import org.bson.types.ObjectId;
import org.junit.jupiter.api.Test;

/** A document is the same whether it goes through bytes or not, both ways, and as long. */
class SameBytesTest {

  private static final BsonDocumentCodec CODEC = new BsonDocumentCodec();

  private Random random = new Random(0);

  @Test
  void random_documents() {
    long seed = Long.getLong("store.seed", System.nanoTime());
    System.out.printf("SameBytesTest: seed %d; repeat with -Dstore.seed=%d%n", seed, seed);
    for (int round = 0; round < 50 * Repetitions.of("store.rounds"); round++) {
      random = new Random(seed + round);
      assertSame(aDocument(0));
    }
  }

  @Test
  void text_with_halves_of_surrogate_pairs() {
    for (String text :
        new String[] {"\uD83D", "\uDE00", "a\uDE00\uD83Db", "\uD83D\uDE00\uD83D", "\uD83D\uDE00"}) {
      assertSame(new BsonDocument(text, new BsonString(text)));
    }
  }

  private static void assertSame(BsonDocument document) {
    byte[] bytes = bytes(document);
    DocumentWriter writer = new DocumentWriter(NoOpFieldNameValidator.INSTANCE);
    write(writer, document);
    assertThat(writer.size()).as("bytes of %s", document).isEqualTo(bytes.length);

    Document taken = writer.take();
    Document read = BsonDecoder.decodeBson(Unpooled.wrappedBuffer(bytes));
    assertThat(taken.toString()).isEqualTo(read.toString());
    assertThat(encode(taken)).isEqualTo(encode(read)); // Not all of the library's values are equal.
    assertThat(Answers.toBson(taken)).isEqualTo(new RawBsonDocument(encode(taken)));
  }

  private static byte[] bytes(BsonDocument document) {
    try (BasicOutputBuffer buffer = new BasicOutputBuffer();
        BsonBinaryWriter writer = new BsonBinaryWriter(buffer)) {
      write(writer, document);
      return buffer.toByteArray();
    }
  }

  private static void write(BsonWriter writer, BsonDocument document) {
    CODEC.encode(writer, document, EncoderContext.builder().build());
  }

  private static byte[] encode(Document document) {
    ByteBuf buffer = Unpooled.buffer();
    BsonEncoder.encodeDocument(document, buffer);
    return ByteBufUtil.getBytes(buffer);
  }

  private BsonDocument aDocument(int depth) {
    BsonDocument document = new BsonDocument();
    int fields = random.nextInt(6);
    for (int i = 0; i < fields; i++) {
      document.put(text() + i, aValue(depth));
    }
    return document;
  }

  private BsonValue aValue(int depth) {
    return switch (random.nextInt(depth < 4 ? 21 : 19)) {
      case 0 -> new BsonString(text());
      case 1 -> new BsonInt32(random.nextInt());
      case 2 -> new BsonInt64(random.nextLong());
      case 3 -> new BsonDouble(random.nextDouble());
      case 4 -> BsonBoolean.valueOf(random.nextBoolean());
      case 5 -> new BsonDateTime(random.nextLong());
      case 6 -> BsonNull.VALUE;
      case 7 -> new BsonUndefined();
      case 8 -> new BsonObjectId(new ObjectId());
      case 9 -> new BsonBinary(data());
      case 10 -> new BsonBinary((byte) 0x80, data());
      case 11 -> new BsonBinary(UUID.randomUUID());
      case 12 -> new BsonBinary(UUID.randomUUID(), UuidRepresentation.JAVA_LEGACY);
      case 13 -> new BsonRegularExpression(text(), random.nextBoolean() ? "i" : "");
      case 14 -> new BsonTimestamp(random.nextLong());
      case 15 -> new BsonDecimal128(new Decimal128(random.nextLong()));
      case 16 -> new BsonJavaScript(text());
      case 17 -> new BsonMinKey();
      case 18 -> new BsonMaxKey();
      case 19 -> aDocument(depth + 1);
      default -> anArray(depth + 1);
    };
  }

  private BsonArray anArray(int depth) {
    BsonArray array = new BsonArray();
    int length = random.nextInt(10) == 0 ? 120 : random.nextInt(5);
    for (int i = 0; i < length; i++) {
      array.add(aValue(depth + 1));
    }
    return array;
  }

  private String text() {
    return random
        .ints(random.nextInt(8), 0, 5)
        .mapToObj(i -> new String[] {"a", "ñ", "€", "\uD83D\uDE00", "_"}[i])
        .reduce("", String::concat);
  }

  private byte[] data() {
    byte[] data = new byte[random.nextInt(40)];
    random.nextBytes(data);
    return data;
  }

  @Test
  void what_the_store_cannot_keep_is_refused_by_name() {
    assertRefused(new BsonSymbol("s"), "symbols");
    assertRefused(new BsonDbPointer("a.b", new ObjectId()), "database pointers");
    assertRefused(new BsonJavaScriptWithScope("x", new BsonDocument()), "JavaScript with a scope");
    assertRefused(new BsonBinary((byte) 5, new byte[16]), "16 bytes of binary data of subtype 5");
    assertRefused(new BsonBinary((byte) 4, new byte[3]), "3 bytes of binary data of subtype 4");
  }

  private static void assertRefused(BsonValue value, String what) {
    assertThatThrownBy(
            () ->
                write(
                    new DocumentWriter(NoOpFieldNameValidator.INSTANCE),
                    new BsonDocument("a", value)))
        .isInstanceOf(BsonSerializationException.class)
        .hasMessageContaining("The embedded store does not keep " + what);
  }

  @Test
  void an_array_of_the_writer_is_not_an_array_of_the_store() {
    byte[] mine = {1, 2, 3};
    DocumentWriter writer = new DocumentWriter(NoOpFieldNameValidator.INSTANCE);
    write(writer, new BsonDocument("a", new BsonBinary(mine)));
    mine[0] = 9;

    assertThat(Answers.toBson(writer.take()).getBinary("a").getData()).containsExactly(1, 2, 3);
  }
}
