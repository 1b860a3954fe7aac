package io.capataz.embedded.store;

import io.capataz.common.command.Command;
import io.capataz.common.command.Flag;
import io.capataz.common.command.Settings;
import io.capataz.common.files.PrivateFiles;
import io.capataz.embedded.QuietLogs;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.List;

/**
 * {@code ./capataz store}: the embedded store in a JVM of its own, for tests that kill it. Prints
 * one line when it is ready and ends by a signal.
 */
final class StoreCommand {

  private static final Command COMMAND =
      new Command(
          "store",
          List.of("The embedded store in a process of its own, for tests."),
          List.of(
              Flag.of("data", "DIR", "./data", "its documents are kept in DIR/store"),
              Flag.of("port", "N", "0", "where clients connect; 0: any free port"),
              Flag.of(
                      "password-file",
                      "FILE",
                      "DIR/store/password",
                      "the file with the password of user " + ScramLogin.USER + "; made if missing")
                  .from(""),
              Flag.bare("no-password", "turn authentication off")));

  private static final EmbeddedStore.Durability KEPT = EmbeddedStore.Durability.PROCESS_KILL;

  private static final Clock CLOCK = Clock.tickMillis(ZoneOffset.UTC);

  private StoreCommand() {}

  public static void main(String[] arguments) {
    long begun = System.nanoTime();
    COMMAND.main(arguments, settings -> start(settings, begun));
  }

  private static void start(Settings settings, long begun) throws InterruptedException {
    int port = settings.port("port").orElse(0);
    Path folder = settings.path("data").orElse(Path.of("data")).resolve("store");
    QuietLogs.now();
    try {
      var _ = PrivateFiles.ownFolder(folder);
    } catch (IOException e) {
      throw FolderLock.unwritable(folder, e);
    }
    Path passwordFile = settings.path("password-file").orElse(folder.resolve("password"));
    EmbeddedStore store =
        settings.has("no-password")
            ? EmbeddedStore.open(folder, port, KEPT, CLOCK)
            : EmbeddedStore.open(folder, port, KEPT, CLOCK, PrivateFiles.secret(passwordFile));
    Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().name("stop").unstarted(store::close));
    System.out.printf(
        "store ready on mongodb://%s after %d ms; %s%n",
        store.address(),
        Duration.ofNanos(System.nanoTime() - begun).toMillis(),
        settings.has("no-password")
            ? "without authentication"
            : "user %s, password in %s".formatted(ScramLogin.USER, passwordFile));
    Thread.currentThread().join(); // The store's own threads do not keep a JVM alive.
  }
}
