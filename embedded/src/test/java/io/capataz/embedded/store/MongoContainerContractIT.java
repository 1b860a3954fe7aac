package io.capataz.embedded.store;

import com.mongodb.ConnectionString;
import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoClients;
import io.capataz.testing.SkippedLoudly;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import org.testcontainers.junit.jupiter.Container;
import org.testcontainers.junit.jupiter.Testcontainers;
import org.testcontainers.mongodb.MongoDBContainer;

/** The contract, on a real MongoDB; it is what makes the contract true. */
@ExtendWith(SkippedLoudly.class)
@Testcontainers(disabledWithoutDocker = true)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class MongoContainerContractIT extends StoreContract {

  @Container
  private static final MongoDBContainer MONGO = new MongoDBContainer("mongo:8.0").withReplicaSet();

  private MongoClient client;

  @BeforeAll
  void connect() {
    client =
        MongoClients.create(
            settings()
                .applyConnectionString(new ConnectionString(MONGO.getConnectionString()))
                .build());
  }

  @AfterAll
  void disconnect() {
    client.close();
  }

  @Override
  MongoClient client() {
    return client;
  }
}
