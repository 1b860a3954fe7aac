package io.capataz.embedded.store;

import java.nio.file.Path;

/** The same without a connection. */
class InProcessRefusalsTest extends RefusalsTest {

  @Override
  OpenedStore open(Path data) {
    return OpenedStore.inProcess(data);
  }
}
