package io.capataz.supervisor.standalone;

import io.capataz.embedded.store.EmbeddedStore;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;

/**
 * The embedded store in a JVM of its own, for tests that kill it: {@code ./capataz store --data DIR
 * --port N}. Prints one line when it is ready and ends when it is told to.
 */
final class StoreAlone {

  private StoreAlone() {}

  public static void main(String[] arguments) {
    long begun = System.nanoTime();
    QuietLogs.now();
    Command.orExit(
        "store",
        () -> {
          Flags flags = Flags.parse(List.of(arguments), Set.of("data", "port"), Set.of());
          Path folder = flags.path("data").orElse(Path.of("data")).resolve("store");
          EmbeddedStore store = Standalone.openStore(folder, flags.port("port").orElse(0));
          Background.atExit(store::close);
          System.out.printf(
              "store ready on %s after %d ms%n",
              store.connectionString(), Duration.ofNanos(System.nanoTime() - begun).toMillis());
          Thread.currentThread().join(); // The store's own threads do not keep a JVM alive.
        });
  }
}
