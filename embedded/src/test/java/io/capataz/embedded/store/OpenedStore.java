package io.capataz.embedded.store;

import com.mongodb.ConnectionString;
import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoClients;
import com.mongodb.client.MongoDatabase;
import java.nio.file.Path;
import java.time.Clock;

/** An open store and a client of it, for one test. */
record OpenedStore(EmbeddedStore store, MongoClient client) implements AutoCloseable {

  static OpenedStore in(Path folder) {
    EmbeddedStore store =
        EmbeddedStore.open(folder, 0, EmbeddedStore.Durability.PROCESS_KILL, Clock.systemUTC());
    return new OpenedStore(
        store,
        MongoClients.create(
            StoreContract.settings()
                .applyConnectionString(new ConnectionString(store.connectionString()))
                .build()));
  }

  /** Without a port: the client is one of this process. */
  static OpenedStore inProcess(Path folder) {
    EmbeddedStore store =
        EmbeddedStore.open(folder, EmbeddedStore.Durability.PROCESS_KILL, Clock.systemUTC());
    return new OpenedStore(store, store.client(StoreContract.settings().build()));
  }

  MongoDatabase database() {
    return client.getDatabase("test");
  }

  /** How many entries and documents the store steps over while this runs. */
  long entriesReadBy(Runnable work) {
    long before = store.entriesRead();
    work.run();
    return store.entriesRead() - before;
  }

  @Override
  public void close() {
    client.close();
    store.close();
  }
}
