package io.capataz.embedded.store.inprocess;

import com.mongodb.MongoClientException;
import com.mongodb.MongoClientSettings;
import com.mongodb.MongoInterruptedException;
import com.mongodb.MongoTimeoutException;
import com.mongodb.connection.ConnectionDescription;
import com.mongodb.connection.ConnectionId;
import com.mongodb.connection.ServerId;
import com.mongodb.connection.ServerType;
import com.mongodb.event.CommandListener;
import com.mongodb.internal.async.SingleResultCallback;
import com.mongodb.internal.connection.AsyncConnection;
import com.mongodb.internal.connection.Connection;
import com.mongodb.internal.connection.OperationContext;
import com.mongodb.internal.connection.Server;
import com.mongodb.internal.event.EventListenerHelper;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.bson.BsonDocument;

/** Lends connections: as many at once as the pool of a client over the network would have. */
final class InProcessServer implements Server {

  private final Commands store;
  private final ConnectionDescription description;
  private final Optional<CommandListener> listener;
  private final Semaphore connections;
  private final long longestWait;

  /**
   * @param hello the store's answer to it
   */
  InProcessServer(Commands store, MongoClientSettings settings, ServerId id, BsonDocument hello) {
    this.store = store;
    listener =
        Optional.ofNullable(EventListenerHelper.getCommandListener(settings.getCommandListeners()));
    var pool = settings.getConnectionPoolSettings();
    connections = new Semaphore(pool.getMaxSize() == 0 ? Integer.MAX_VALUE : pool.getMaxSize());
    longestWait = pool.getMaxWaitTime(TimeUnit.MILLISECONDS);
    description =
        new ConnectionDescription(
            new ConnectionId(id),
            hello.getInt32("maxWireVersion").getValue(),
            ServerType.STANDALONE,
            hello.getInt32("maxWriteBatchSize").getValue(),
            hello.getInt32("maxBsonObjectSize").getValue(),
            hello.getInt32("maxMessageSizeBytes").getValue(),
            List.of(),
            null,
            hello.getInt32("logicalSessionTimeoutMinutes").getValue());
  }

  @Override
  public Connection getConnection(OperationContext context) {
    if (!connections.tryAcquire()) {
      awaitConnection();
    }
    return new InProcessConnection(store, description, listener, connections::release);
  }

  private void awaitConnection() {
    try {
      if (longestWait <= 0) {
        connections.acquire();
      } else if (!connections.tryAcquire(longestWait, TimeUnit.MILLISECONDS)) {
        throw new MongoTimeoutException(
            "Timed out after %d ms: all that time as many commands were running in the embedded store as are allowed at once."
                .formatted(longestWait));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new MongoInterruptedException("Interrupted while waiting for the embedded store.", e);
    }
  }

  @Override
  public void getConnectionAsync(
      OperationContext context, SingleResultCallback<AsyncConnection> callback) {
    callback.onResult(
        null, new MongoClientException("A store in this process has blocking clients only."));
  }

  /** Only asked where there are several servers to choose from. */
  @Override
  public int operationCount() {
    return -1;
  }
}
