package io.capataz.supervisor.standalone;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

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
 */
record StandaloneSettings(
    Path data,
    int port,
    String organization,
    Optional<String> mongodbUri,
    Optional<String> kafka,
    OptionalInt slots,
    boolean agent) {

  static final Set<String> VALUED = Set.of("data", "port", "mongodb-uri", "kafka", "slots");
  static final Set<String> BARE = Set.of("no-agent", "until-ready", "help");

  private static final int DEFAULT_PORT = 8080;
  private static final int MOST_SLOTS = 1000;

  static final String HELP =
      """
      Usage: ./capataz standalone [flags]

      A supervisor with a Kafka broker and a store of its own, and one agent beside it.

        --data DIR         where everything is kept; made when it is not there (CAPATAZ_DATA; ./data)
        --port N           where the console and the API answer; 0: any free port (CAPATAZ_PORT; 8080)
        --slots N          how many jobs the agent runs at once (CAPATAZ_SLOTS; the agent's default)
        --no-agent         no agent: jobs wait until a host has one
        --mongodb-uri URI  a real MongoDB instead of the embedded store (CAPATAZ_MONGODB_URI)
        --kafka HOST:PORT  a real Kafka instead of the embedded broker (CAPATAZ_KAFKA)
        --help             this text

      The first start makes the organization CAPATAZ_ORGANIZATION ('default') and writes the token of
      its owner to DIR/admin.token. Ctrl-C stops everything; the next start goes on where it stopped.
      """;

  static StandaloneSettings of(Flags flags, Map<String, String> environment) {
    Map<String, String> values = new LinkedHashMap<>();
    for (String name : VALUED) {
      String variable = "CAPATAZ_" + name.replace('-', '_').toUpperCase(Locale.ROOT);
      flags
          .text(name)
          .or(() -> Optional.ofNullable(environment.get(variable)))
          .ifPresent(value -> values.put(name, value));
    }
    Flags given = new Flags(values);
    return new StandaloneSettings(
        given.path("data").orElse(Path.of("data")),
        given.port("port").orElse(DEFAULT_PORT),
        Optional.ofNullable(environment.get("CAPATAZ_ORGANIZATION"))
            .filter(name -> !name.isBlank())
            .orElse("default"),
        given.text("mongodb-uri"),
        given.text("kafka"),
        given.number("slots", 1, MOST_SLOTS),
        !flags.has("no-agent"));
  }

  static StandaloneSettings of(List<String> words, Map<String, String> environment) {
    return of(Flags.parse(words, VALUED, BARE), environment);
  }
}
