package io.capataz.embedded.store;

import java.nio.file.Path;

/** The same without a connection, and with callers as a supervisor has them. */
class InProcessFullDiskTest extends FullDiskTest {

  @Override
  OpenedStore open(Path data) {
    return OpenedStore.inProcess(data);
  }

  @Override
  Thread.Builder callers() {
    return Thread.ofVirtual();
  }
}
