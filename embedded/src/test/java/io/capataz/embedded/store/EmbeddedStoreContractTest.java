package io.capataz.embedded.store;

import static org.assertj.core.api.Assertions.assertThat;

import com.mongodb.ConnectionString;
import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoClients;
import java.nio.file.Path;
import java.time.Clock;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/**
 * The contract, on the embedded store; after each operation its indexes must agree with its
 * documents.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class EmbeddedStoreContractTest extends StoreContract {

  private EmbeddedStore store;
  private MongoClient client;

  @BeforeAll
  void open(@TempDir Path folder) {
    store = EmbeddedStore.open(folder, 0, EmbeddedStore.Durability.PROCESS_KILL, Clock.systemUTC());
    client =
        MongoClients.create(
            settings()
                .applyConnectionString(new ConnectionString(store.connectionString()))
                .build());
  }

  @AfterEach
  void everyIndexAgreesWithItsDocuments() {
    assertThat(store.verify()).isEmpty();
  }

  @AfterAll
  void close() {
    client.close();
    store.close();
  }

  @Override
  MongoClient client() {
    return client;
  }
}
