package io.capataz.embedded.store.inprocess;

import static com.mongodb.assertions.Assertions.isTrue;

import com.mongodb.MongoClientSettings;
import com.mongodb.MongoDriverInformation;
import com.mongodb.ServerAddress;
import com.mongodb.connection.ClusterConnectionMode;
import com.mongodb.connection.ClusterDescription;
import com.mongodb.connection.ClusterId;
import com.mongodb.connection.ClusterSettings;
import com.mongodb.connection.ClusterType;
import com.mongodb.connection.ServerDescription;
import com.mongodb.connection.ServerId;
import com.mongodb.event.ServerDescriptionChangedEvent;
import com.mongodb.internal.TimeoutContext;
import com.mongodb.internal.async.SingleResultCallback;
import com.mongodb.internal.connection.ClientMetadata;
import com.mongodb.internal.connection.Cluster;
import com.mongodb.internal.connection.ClusterClock;
import com.mongodb.internal.connection.DescriptionHelper;
import com.mongodb.internal.connection.OperationContext;
import com.mongodb.internal.connection.ServerTuple;
import com.mongodb.internal.time.Timeout;
import com.mongodb.selector.ServerSelector;
import de.bwaldvogel.mongo.bson.Document;
import java.util.List;
import org.bson.BsonDocument;

/** A cluster of one server that is always there, and never changes: this process. */
final class InProcessCluster implements Cluster {

  /** Stands in messages where the address of a server would. */
  private static final ServerAddress ADDRESS = new ServerAddress("this-process", 0);

  private final ClusterId id = new ClusterId("embedded store");
  private final ClusterClock clock = new ClusterClock();
  private final ClientMetadata metadata;
  private final ClusterDescription description;
  private final ServerTuple selected;
  private volatile boolean closed;

  InProcessCluster(Commands store, MongoClientSettings settings, MongoDriverInformation driver) {
    metadata = new ClientMetadata(settings.getApplicationName(), driver);
    BsonDocument hello = Answers.toBson(store.run(new Document("hello", 1).append("$db", "admin")));
    ServerDescription server = DescriptionHelper.createServerDescription(ADDRESS, hello, 0, 0);
    description =
        new ClusterDescription(
            ClusterConnectionMode.SINGLE,
            ClusterType.STANDALONE,
            List.of(server),
            ClusterSettings.builder().hosts(List.of(ADDRESS)).build(),
            settings.getServerSettings());
    selected =
        new ServerTuple(
            new InProcessServer(store, settings, new ServerId(id, ADDRESS), hello), server);
  }

  @Override
  public ServerTuple selectServer(ServerSelector selector, OperationContext context) {
    isTrue("open", !closed);
    return selected;
  }

  @Override
  public void selectServerAsync(
      ServerSelector selector,
      OperationContext context,
      SingleResultCallback<ServerTuple> callback) {
    callback.onResult(selectServer(selector, context), null);
  }

  @Override
  public ClusterSettings getSettings() {
    return description.getClusterSettings();
  }

  @Override
  public ClusterId getClusterId() {
    return id;
  }

  @Override
  public ServersSnapshot getServersSnapshot(
      Timeout serverSelectionTimeout, TimeoutContext timeoutContext) {
    isTrue("open", !closed);
    return address -> address.equals(ADDRESS) ? selected.getServer() : null;
  }

  @Override
  public ClusterDescription getCurrentDescription() {
    isTrue("open", !closed);
    return description;
  }

  @Override
  public ClusterClock getClock() {
    return clock;
  }

  @Override
  public ClientMetadata getClientMetadata() {
    return metadata;
  }

  @Override
  public void close() {
    closed = true;
  }

  @Override
  public boolean isClosed() {
    return closed;
  }

  @Override
  public void withLock(Runnable action) {
    action.run(); // There is no state to guard.
  }

  @Override
  public void onChange(ServerDescriptionChangedEvent event) {
    // The only server does not change.
  }
}
