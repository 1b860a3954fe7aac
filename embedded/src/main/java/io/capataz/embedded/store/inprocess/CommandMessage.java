package io.capataz.embedded.store.inprocess;

import com.mongodb.connection.ConnectionDescription;
import com.mongodb.internal.connection.MessageSequences;
import com.mongodb.internal.connection.OperationContext;
import com.mongodb.internal.connection.ReadConcernHelper;
import com.mongodb.internal.connection.SplittablePayload;
import com.mongodb.internal.session.SessionContext;
import com.mongodb.internal.validator.NoOpFieldNameValidator;
import de.bwaldvogel.mongo.bson.Document;
import java.util.ArrayList;
import java.util.List;
import org.bson.BsonDocument;
import org.bson.BsonDocumentWrapper;
import org.bson.BsonMaximumSizeExceededException;
import org.bson.FieldNameValidator;
import org.bson.codecs.BsonDocumentCodec;
import org.bson.codecs.BsonDocumentWrapperCodec;
import org.bson.codecs.EncoderContext;

/**
 * A command as the store wants it, with what the driver adds when it writes one to a connection:
 * the documents of an insert, update or delete, as many as fit; the database; what a session asks
 * for. Sizes are those that the bytes of a message would have, so that a batch is split where it
 * would be on the way to a server, and what is too large is refused in the same way.
 */
final class CommandMessage {

  /** What a command may be larger than a document. */
  private static final int HEADROOM = 16 << 10;

  private static final EncoderContext ENCODING = EncoderContext.builder().build();
  private static final BsonDocumentCodec DOCUMENTS = new BsonDocumentCodec();
  private static final BsonDocumentWrapperCodec WRAPPERS = new BsonDocumentWrapperCodec(DOCUMENTS);

  private final ConnectionDescription server;
  private final OperationContext context;

  CommandMessage(ConnectionDescription server, OperationContext context) {
    this.server = server;
    this.context = context;
  }

  Document of(
      String database,
      BsonDocument command,
      FieldNameValidator validator,
      MessageSequences sequences) {
    DocumentWriter writer = new DocumentWriter(validator);
    encode(writer, command);
    if (writer.size() > server.getMaxDocumentSize() + HEADROOM) {
      throw new BsonMaximumSizeExceededException(
          "Document size of %d is larger than maximum of %d."
              .formatted(writer.size(), server.getMaxDocumentSize() + HEADROOM));
    }
    Document message = writer.take();
    if (sequences instanceof SplittablePayload payload) {
      message.put(payload.getPayloadName(), take(payload, writer.size()));
    }
    context
        .getTimeoutContext()
        .runMaxTimeMS(milliseconds -> message.put("maxTimeMS", milliseconds));
    message.put("$db", database);
    addSession(message, context.getSessionContext());
    return message;
  }

  private List<Document> take(SplittablePayload payload, long begun) {
    boolean inserts = payload.getPayloadType() == SplittablePayload.Type.INSERT;
    int largest = server.getMaxDocumentSize() + (inserts ? 0 : HEADROOM);
    DocumentWriter writer = new DocumentWriter(payload.getFieldNameValidator());
    List<Document> taken = new ArrayList<>();
    long size = begun;
    for (BsonDocument each : payload.getPayload()) {
      encode(writer, each);
      size += writer.size();
      boolean full =
          taken.size() == server.getMaxBatchCount()
              || (!taken.isEmpty() && size > server.getMaxDocumentSize());
      if (full || writer.size() > largest) {
        break;
      }
      taken.add(writer.take());
      payload.setPosition(taken.size());
    }
    if (taken.isEmpty()) {
      throw new BsonMaximumSizeExceededException(
          "Payload document size is larger than maximum of %d.".formatted(largest));
    }
    return taken;
  }

  /** The store keeps nothing for a session; but it refuses a transaction by what it asks for. */
  private void addSession(Document message, SessionContext session) {
    boolean first = session.notifyMessageSent();
    if (session.hasActiveTransaction()) {
      message.put("txnNumber", session.getTransactionNumber());
      message.put("autocommit", false);
      if (first) {
        message.put("startTransaction", true);
      }
    } else if (session.isSnapshot()) {
      DocumentWriter writer = new DocumentWriter(NoOpFieldNameValidator.INSTANCE);
      encode(writer, ReadConcernHelper.getReadConcernDocument(session, server.getMaxWireVersion()));
      message.put("readConcern", writer.take());
    }
  }

  private static void encode(DocumentWriter writer, BsonDocument document) {
    if (document instanceof BsonDocumentWrapper<?> wrapper) {
      WRAPPERS.encode(writer, wrapper, ENCODING);
    } else {
      DOCUMENTS.encode(writer, document, ENCODING);
    }
  }
}
