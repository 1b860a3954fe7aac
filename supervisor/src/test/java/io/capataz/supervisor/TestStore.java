package io.capataz.supervisor;

import io.capataz.embedded.store.EmbeddedStore;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.time.Clock;
import org.jspecify.annotations.Nullable;

/** One embedded store for all test classes of this JVM that need one. */
public final class TestStore {

  private static @Nullable EmbeddedStore store;

  private TestStore() {}

  /** Its connection string. */
  public static synchronized String shared() {
    if (store == null) {
      try {
        store =
            EmbeddedStore.open(
                Files.createTempDirectory("capataz-test-store-"),
                0,
                EmbeddedStore.Durability.PROCESS_KILL,
                Clock.systemUTC());
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    return store.connectionString();
  }
}
