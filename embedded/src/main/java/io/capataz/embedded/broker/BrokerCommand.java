package io.capataz.embedded.broker;

import io.capataz.common.command.Command;
import io.capataz.common.command.Flag;
import io.capataz.common.command.Settings;
import io.capataz.common.files.PrivateFiles;
import io.capataz.embedded.QuietLogs;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * {@code ./capataz broker}: the embedded broker in a JVM of its own, for tests that kill it. Prints
 * one line when it is ready.
 */
final class BrokerCommand {

  private static final Command COMMAND =
      new Command(
          "broker",
          List.of("The embedded Kafka broker in a process of its own, for tests."),
          List.of(
              Flag.of("data", "DIR", "./data", "its records are kept in DIR/broker"),
              Flag.of("port", "N", "0", "where clients connect; 0: any free port"),
              Flag.of(
                      "supervisor-password-file",
                      "FILE",
                      "DIR/broker-supervisor.password",
                      "the file with the password of user "
                          + BrokerPasswords.SUPERVISOR
                          + "; made if missing")
                  .from(""),
              Flag.of(
                      "agent-password-file",
                      "FILE",
                      "DIR/broker-agent.password",
                      "the file with the password of user "
                          + BrokerPasswords.AGENT
                          + "; made if missing")
                  .from(""),
              Flag.bare("no-password", "turn authentication off")));

  private BrokerCommand() {}

  public static void main(String[] arguments) {
    long begun = System.nanoTime();
    COMMAND.main(arguments, settings -> start(settings, begun));
  }

  private static void start(Settings settings, long begun) throws IOException {
    int port = settings.port("port").orElse(0);
    Path data = settings.path("data").orElse(Path.of("data"));
    Path folder = data.resolve("broker");
    QuietLogs.now();
    try {
      var _ = PrivateFiles.ownFolder(folder);
    } catch (IOException e) {
      throw EmbeddedBroker.unwritable(folder, e);
    }
    EmbeddedBroker broker =
        settings.has("no-password")
            ? EmbeddedBroker.start(folder, port)
            : EmbeddedBroker.start(
                folder,
                port,
                new BrokerPasswords(
                    PrivateFiles.secret(
                        settings
                            .path("supervisor-password-file")
                            .orElse(data.resolve("broker-supervisor.password"))),
                    PrivateFiles.secret(
                        settings
                            .path("agent-password-file")
                            .orElse(data.resolve("broker-agent.password")))));
    Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().name("stop").unstarted(broker::close));
    System.out.printf(
        "broker ready on %s after %d ms%n",
        broker.bootstrapServers(), Duration.ofNanos(System.nanoTime() - begun).toMillis());
  }
}
