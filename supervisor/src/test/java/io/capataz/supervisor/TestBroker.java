package io.capataz.supervisor;

import io.capataz.embedded.broker.EmbeddedBroker;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import org.jspecify.annotations.Nullable;

/** One embedded broker for all test classes of this JVM that need one. */
public final class TestBroker {

  private static @Nullable EmbeddedBroker broker;

  private TestBroker() {}

  /** Its bootstrap servers. */
  public static synchronized String shared() {
    if (broker == null) {
      try {
        broker = EmbeddedBroker.start(Files.createTempDirectory("capataz-test-broker-"), 0);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    return broker.bootstrapServers();
  }
}
