package io.capataz.embedded.store;

import java.nio.file.Path;

/** The contract, on the embedded store without a connection. */
class InProcessStoreContractTest extends EmbeddedStoreContractTest {

  @Override
  OpenedStore open(Path folder) {
    return OpenedStore.inProcess(folder);
  }
}
