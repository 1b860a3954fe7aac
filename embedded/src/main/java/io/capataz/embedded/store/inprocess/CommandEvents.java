package io.capataz.embedded.store.inprocess;

import com.mongodb.RequestContext;
import com.mongodb.connection.ConnectionDescription;
import com.mongodb.event.CommandFailedEvent;
import com.mongodb.event.CommandListener;
import com.mongodb.event.CommandStartedEvent;
import com.mongodb.event.CommandSucceededEvent;
import com.mongodb.internal.IgnorableRequestContext;
import com.mongodb.internal.connection.OperationContext;
import org.bson.BsonDocument;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells a listener of one command what it would hear of one that goes to a server. */
final class CommandEvents {

  /** There are no messages, and so no numbers of them; the operation has its own. */
  private static final int REQUEST = 0;

  private static final Logger log = LoggerFactory.getLogger(CommandEvents.class);

  private final CommandListener listener;
  private final ConnectionDescription server;
  private final OperationContext context;
  private final String database;
  private final String command;
  private final long begun = System.nanoTime();

  CommandEvents(
      CommandListener listener,
      ConnectionDescription server,
      OperationContext context,
      String database,
      String command) {
    this.listener = listener;
    this.server = server;
    this.context = context;
    this.database = database;
    this.command = command;
  }

  void started(BsonDocument message) {
    tell(
        () ->
            listener.commandStarted(
                new CommandStartedEvent(
                    request(), context.getId(), REQUEST, server, database, command, message)));
  }

  void succeeded(BsonDocument answer) {
    tell(
        () ->
            listener.commandSucceeded(
                new CommandSucceededEvent(
                    request(),
                    context.getId(),
                    REQUEST,
                    server,
                    database,
                    command,
                    answer,
                    elapsed())));
  }

  void failed(Throwable failure) {
    tell(
        () ->
            listener.commandFailed(
                new CommandFailedEvent(
                    request(),
                    context.getId(),
                    REQUEST,
                    server,
                    database,
                    command,
                    elapsed(),
                    failure)));
  }

  /** Whatever a listener makes of it, the command is what it is. */
  private static void tell(Runnable event) {
    try {
      event.run();
    } catch (RuntimeException e) {
      log.atWarn().setCause(e).log("a listener of commands failed");
    }
  }

  private @Nullable RequestContext request() {
    RequestContext request = context.getRequestContext();
    return request == IgnorableRequestContext.INSTANCE ? null : request;
  }

  private long elapsed() {
    return System.nanoTime() - begun;
  }
}
