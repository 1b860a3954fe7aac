package io.capataz.embedded.store;

import static org.assertj.core.api.Assertions.assertThat;

import com.mongodb.client.MongoClient;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/**
 * The contract, on the embedded store over the wire; after each operation its indexes must agree
 * with its documents.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class EmbeddedStoreContractTest extends StoreContract {

  private OpenedStore opened;

  OpenedStore open(Path folder) {
    return OpenedStore.in(folder);
  }

  @BeforeAll
  void openStore(@TempDir Path folder) {
    opened = open(folder);
  }

  @AfterEach
  void everyIndexAgreesWithItsDocuments() {
    assertThat(opened.store().verify()).isEmpty();
  }

  @AfterAll
  void close() {
    opened.close();
  }

  @Override
  MongoClient client() {
    return opened.client();
  }
}
