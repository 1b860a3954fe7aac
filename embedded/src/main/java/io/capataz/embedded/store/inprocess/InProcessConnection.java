package io.capataz.embedded.store.inprocess;

import com.mongodb.MongoCommandException;
import com.mongodb.MongoException;
import com.mongodb.ReadPreference;
import com.mongodb.connection.ConnectionDescription;
import com.mongodb.event.CommandListener;
import com.mongodb.internal.binding.AbstractReferenceCounted;
import com.mongodb.internal.connection.Connection;
import com.mongodb.internal.connection.MessageSequences;
import com.mongodb.internal.connection.MessageSequences.EmptyMessageSequences;
import com.mongodb.internal.connection.OperationContext;
import com.mongodb.internal.connection.ProtocolHelper;
import de.bwaldvogel.mongo.bson.Document;
import java.util.Optional;
import org.bson.BsonDocument;
import org.bson.BsonDocumentReader;
import org.bson.FieldNameValidator;
import org.bson.codecs.Decoder;
import org.bson.codecs.DecoderContext;
import org.jspecify.annotations.Nullable;

/** Runs each command on the thread of its caller, which returns when the command is done. */
final class InProcessConnection extends AbstractReferenceCounted implements Connection {

  private final Commands store;
  private final ConnectionDescription description;
  private final Optional<CommandListener> listener;
  private final Runnable whenReleased;

  InProcessConnection(
      Commands store,
      ConnectionDescription description,
      Optional<CommandListener> listener,
      Runnable whenReleased) {
    this.store = store;
    this.listener = listener;
    this.description = description;
    this.whenReleased = whenReleased;
  }

  @Override
  public ConnectionDescription getDescription() {
    return description;
  }

  @Override
  public InProcessConnection retain() {
    var _ = super.retain();
    return this;
  }

  @Override
  public int release() {
    int left = super.release();
    if (left == 0) {
      whenReleased.run();
    }
    return left;
  }

  @Override
  public <T> @Nullable T command(
      String database,
      BsonDocument command,
      FieldNameValidator validator,
      @Nullable ReadPreference readPreference,
      Decoder<T> decoder,
      OperationContext context) {
    return command(
        database,
        command,
        validator,
        readPreference,
        decoder,
        context,
        true,
        EmptyMessageSequences.INSTANCE);
  }

  @Override
  public <T> @Nullable T command(
      String database,
      BsonDocument command,
      FieldNameValidator validator,
      @Nullable ReadPreference readPreference,
      Decoder<T> decoder,
      OperationContext context,
      boolean answerExpected,
      MessageSequences sequences) {
    Document message =
        new CommandMessage(description, context).of(database, command, validator, sequences);
    Optional<CommandEvents> events =
        listener.map(
            each -> new CommandEvents(each, description, context, database, command.getFirstKey()));
    events.ifPresent(each -> each.started(Answers.toBson(message)));
    Document answer = store.run(message);
    if (!answerExpected) {
      events.ifPresent(each -> each.succeeded(Answers.toBson(answer)));
      return null;
    }
    BsonDocument bson = Answers.toBson(answer);
    if (!Answers.isOk(answer)) {
      MongoException failure = failure(bson, context);
      events.ifPresent(each -> each.failed(failure));
      throw failure;
    }
    events.ifPresent(each -> each.succeeded(bson));
    return decoder.decode(new BsonDocumentReader(bson), DecoderContext.builder().build());
  }

  /** As the driver makes them; what it does besides is for servers that have stepped down. */
  private MongoException failure(BsonDocument answer, OperationContext context) {
    var address = description.getServerAddress();
    MongoException special =
        ProtocolHelper.createSpecialException(
            answer, address, "errmsg", context.getTimeoutContext());
    return special == null ? new MongoCommandException(answer, address) : special;
  }

  @Override
  public void markAsPinned(PinningMode mode) {
    // Pinning matters to a pool of connections, and there is none.
  }
}
