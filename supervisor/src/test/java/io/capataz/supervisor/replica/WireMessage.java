package io.capataz.supervisor.replica;

import java.io.DataInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.bson.BsonBinaryReader;
import org.bson.BsonBinaryWriter;
import org.bson.BsonDocument;
import org.bson.ByteBufNIO;
import org.bson.codecs.BsonDocumentCodec;
import org.bson.codecs.DecoderContext;
import org.bson.codecs.EncoderContext;
import org.bson.io.BasicOutputBuffer;
import org.bson.io.ByteBufferBsonInput;

/**
 * A message of MongoDB's wire protocol: OP_MSG, and for the first hello of a connection OP_QUERY
 * and OP_REPLY.
 */
final class WireMessage {

  private static final int HEADER = 16;
  private static final int REQUEST_ID = 4;
  private static final int RESPONSE_TO = 8;
  private static final int OPCODE = 12;
  private static final int OP_REPLY = 1;
  private static final int OP_QUERY = 2004;
  private static final int OP_MSG = 2013;

  /** Of OP_MSG, after the header: flags, and the kind of the first section. */
  private static final int MSG_HEAD = HEADER + 5;

  /** Of OP_REPLY, after the header: flags, cursor, first and number of documents. */
  private static final int REPLY_HEAD = HEADER + 20;

  private static final BsonDocumentCodec CODEC = new BsonDocumentCodec();

  private final byte[] head;
  private final BsonDocument body;
  private final byte[] tail;

  /**
   * @param head everything before the first document
   * @param body the first document: the command or its answer
   * @param tail everything after it, as the documents of an insert
   */
  private WireMessage(byte[] head, BsonDocument body, byte[] tail) {
    this.head = head;
    this.body = body;
    this.tail = tail;
  }

  BsonDocument body() {
    return body;
  }

  static WireMessage read(DataInputStream from) throws IOException {
    var length = new byte[4];
    from.readFully(length);
    var bytes = new byte[littleEndian(length).getInt(0)];
    System.arraycopy(length, 0, bytes, 0, length.length);
    from.readFully(bytes, length.length, bytes.length - length.length);
    return parse(bytes);
  }

  static WireMessage parse(byte[] bytes) {
    var start = startOfBody(bytes);
    var length = littleEndian(bytes).getInt(start);
    var body = ByteBuffer.wrap(bytes, start, length).slice().order(ByteOrder.LITTLE_ENDIAN);
    try (var reader = new BsonBinaryReader(new ByteBufferBsonInput(new ByteBufNIO(body)))) {
      return new WireMessage(
          part(bytes, 0, start),
          CODEC.decode(reader, DecoderContext.builder().build()),
          part(bytes, start + length, bytes.length));
    }
  }

  private static int startOfBody(byte[] bytes) {
    var opcode = littleEndian(bytes).getInt(OPCODE);
    return switch (opcode) {
      case OP_MSG -> MSG_HEAD;
      case OP_REPLY -> REPLY_HEAD;
      case OP_QUERY -> {
        var end = HEADER + 4;
        while (bytes[end] != 0) {
          end++;
        }
        yield end + 1 + 8;
      }
      default -> throw new IllegalArgumentException("Opcode " + opcode + " is not known here.");
    };
  }

  /** The same with another body. */
  WireMessage with(UnaryOperator<BsonDocument> change) {
    return new WireMessage(head, change.apply(body.clone()), tail);
  }

  byte[] bytes() {
    var encoded = encoded(body);
    var bytes = new byte[head.length + encoded.length + tail.length];
    littleEndian(bytes).put(head).put(encoded).put(tail).putInt(0, bytes.length);
    return bytes;
  }

  /** An answer to this message that says no. */
  byte[] refusal(BsonDocument why) {
    var encoded = encoded(why);
    var bytes = new byte[MSG_HEAD + encoded.length];
    var all = littleEndian(bytes);
    all.position(MSG_HEAD).put(encoded);
    all.putInt(0, bytes.length).putInt(RESPONSE_TO, id()).putInt(OPCODE, OP_MSG);
    return bytes;
  }

  /** An answer to another message, as an answer to this one. */
  static byte[] inAnswerTo(WireMessage request, byte[] answer) {
    var copy = answer.clone();
    littleEndian(copy).putInt(RESPONSE_TO, request.id());
    return copy;
  }

  private int id() {
    return littleEndian(head).getInt(REQUEST_ID);
  }

  /** What a driver identifies a write by that it may repeat. */
  Optional<String> transaction() {
    return Optional.ofNullable(body.get("txnNumber"))
        .map(number -> body.getDocument("lsid").toJson() + number.asInt64().getValue());
  }

  private static byte[] encoded(BsonDocument document) {
    try (var buffer = new BasicOutputBuffer();
        var writer = new BsonBinaryWriter(buffer)) {
      CODEC.encode(writer, document, EncoderContext.builder().build());
      return buffer.toByteArray();
    }
  }

  private static byte[] part(byte[] bytes, int from, int to) {
    return java.util.Arrays.copyOfRange(bytes, from, to);
  }

  private static ByteBuffer littleEndian(byte[] bytes) {
    return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }
}
