package io.capataz.standalone;

import io.capataz.common.command.Command;
import io.capataz.common.command.Flag;
import io.capataz.common.command.Settings;
import io.capataz.common.command.UsageError;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What {@code ./capataz standalone} was asked for. A flag wins over its environment variable.
 *
 * @param data the folder for everything that is kept
 * @param port where the console and the API answer; 0: any free port
 * @param organization the organization that the first start makes
 * @param mongodbUri a real MongoDB instead of the embedded store
 * @param kafka a real Kafka instead of the embedded broker
 * @param slots how many jobs the agent may run at once; empty: as it thinks best
 * @param agent whether an agent is started as well
 * @param agentData the folder for what the agent keeps; empty: beside the data folder
 * @param stop what becomes of running jobs when it stops
 * @param storePort where the embedded store listens for clients of others; 0: any free port; empty:
 *     nowhere
 */
record StandaloneSettings(
    Path data,
    int port,
    String organization,
    Optional<String> mongodbUri,
    Optional<String> kafka,
    OptionalInt slots,
    boolean agent,
    Optional<Path> agentData,
    Stop stop,
    OptionalInt storePort) {

  /**
   * What becomes of running jobs.
   *
   * @param endsJobs whether they are ended; else they are waited for, and those that take longer
   *     are left to their keepers
   * @param drain how long they are waited for
   */
  record Stop(boolean endsJobs, Duration drain) {}

  private static final int DEFAULT_DRAIN = 10;
  private static final int LONGEST_DRAIN = 999_999;
  private static final int DEFAULT_PORT = 8080;
  private static final int MOST_SLOTS = 256;

  static final Command COMMAND =
      new Command(
          "standalone",
          List.of(
              "A supervisor with its own Kafka broker and store, and one agent beside it.",
              "",
              "The first start makes the organization and writes its owner's token to"
                  + " DIR/admin.token. Ctrl-C stops everything but jobs that take longer than"
                  + " --drain; the next start goes on where it stopped, and finds those jobs."),
          List.of(
              Flag.of("data", "DIR", "./data", "where everything is kept; made if missing"),
              Flag.of("port", "N", "8080", "where console and API listen; 0: any free port"),
              Flag.of("slots", "N", "", "how many jobs the agent runs at once"),
              Flag.of("agent-data", "DIR", "./data-agent", "what the agent keeps, and its runs"),
              Flag.of("drain", "SECONDS", "10", "how long Ctrl-C waits for running jobs"),
              Flag.of(
                  "on-stop",
                  "leave|end",
                  "leave",
                  "leave jobs that take longer to their keepers for the next start, or end all jobs"
                      + " at once"),
              Flag.bare("no-agent", "start no agent: jobs wait until a host has one"),
              Flag.of(
                  "store-port",
                  "N",
                  "",
                  "let MongoDB clients look into the embedded store; 0: any free port"),
              Flag.of("mongodb-uri", "URI", "", "a real MongoDB instead of the embedded store"),
              Flag.of("kafka", "HOST:PORT", "", "a real Kafka instead of the embedded broker"),
              Flag.of("organization", "NAME", "default", "the organization of the first start"),
              // For the launcher, which wants the JVM to have seen a start.
              Flag.bare("until-ready", "")));

  static StandaloneSettings of(Settings given) {
    if (given.text("store-port").isPresent() && given.text("mongodb-uri").isPresent()) {
      throw new UsageError(
          "--store-port (CAPATAZ_STORE_PORT) is the port of the embedded store, which is not used"
              + " with --mongodb-uri (CAPATAZ_MONGODB_URI). Give one of the two.");
    }
    return new StandaloneSettings(
        given.path("data").orElse(Path.of("data")),
        given.port("port").orElse(DEFAULT_PORT),
        given.text("organization").orElse("default"),
        given.text("mongodb-uri"),
        given.text("kafka"),
        given.number("slots", 1, MOST_SLOTS),
        !given.has("no-agent"),
        given.path("agent-data"),
        new Stop(
            endsJobs(given),
            Duration.ofSeconds(given.number("drain", 0, LONGEST_DRAIN).orElse(DEFAULT_DRAIN))),
        given.port("store-port"));
  }

  private static boolean endsJobs(Settings given) {
    return switch (given.text("on-stop").orElse("leave")) {
      case "leave" -> false;
      case "end" -> true;
      default -> throw new UsageError(given.invalid("on-stop", "must be leave or end"));
    };
  }
}
