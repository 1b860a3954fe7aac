package io.capataz.agent;

import io.capataz.agent.host.DataFolder;
import io.capataz.agent.host.ThisHost;
import io.capataz.agent.job.ScriptUsers;
import io.capataz.agent.link.BrokerClient;
import io.capataz.agent.process.Keepers;
import io.capataz.common.broker.BrokerProperties;
import io.capataz.common.command.Command;
import io.capataz.common.command.Flag;
import io.capataz.common.command.Settings;
import io.capataz.common.command.UsageError;
import io.capataz.common.secret.Secret;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Supplier;

/**
 * The agent's settings. The only reader of flags and environment.
 *
 * @param supervisor the supervisor's address, without a slash at its end
 * @param data the folder it may write to
 * @param host the name under which tasks find this host
 * @param slots how many jobs run at once
 * @param labels by which pools may find this host
 * @param policy the host's policy file; empty: the usual place, if it is there
 * @param runAs the user for scripts whose task has no {@code run_as}, see {@link ScriptUsers}
 * @param joinToken makes a new agent known; needed once
 * @param keeper which keeper looks after scripts; empty: the best that runs here
 * @param scriptCache how many bytes of scripts it keeps that were fetched
 * @param connection how it connects to the supervisor
 * @param stop how it ends
 */
record AgentConfig(
    URI supervisor,
    Path data,
    String host,
    int slots,
    Map<String, String> labels,
    Optional<Path> policy,
    String runAs,
    Optional<Secret> joinToken,
    Optional<Keepers.Form> keeper,
    long scriptCache,
    Connection connection,
    Stop stop) {

  /**
   * How the agent connects to its supervisor.
   *
   * @param link whether it keeps a connection; else it makes calls only
   * @param caFile the certificates that may sign the supervisor's; empty: those of the Java runtime
   * @param kafka further settings of its clients of Kafka; empty: it does not listen there
   */
  record Connection(boolean link, Optional<Path> caFile, Optional<BrokerProperties> kafka) {}

  /**
   * How the agent ends.
   *
   * @param endsScripts whether it ends what runs; else it waits for it, and leaves to its keeper
   *     what takes longer
   * @param drain how long it waits
   * @param withParent whether it ends when its standard input does
   */
  record Stop(boolean endsScripts, Duration drain, boolean withParent) {}

  private static final String JOIN_TOKEN = "join-token";

  static final Command COMMAND =
      new Command(
          "agent",
          List.of("Runs the jobs of one host."),
          List.of(
              Flag.of(
                  "supervisor",
                  "URL",
                  "",
                  "where the supervisor is: https, or http on this machine"),
              Flag.of("data", "DIR", "./agent-data", "where it keeps its credential and its runs")
                  .from("CAPATAZ_AGENT_DATA"),
              Flag.of(
                  "host",
                  "NAME",
                  "the operating system's name",
                  "the name under which tasks find this host"),
              Flag.of("slots", "N", "4 per processor, up to 16", "how many jobs run at once"),
              Flag.of("label", "NAME=VALUE", "", "a label for pools, such as zone=a; repeatable")
                  .from("CAPATAZ_LABELS")
                  .repeated(),
              Flag.of(
                  "policy",
                  "FILE",
                  "/etc/capataz/policy.yaml if it exists",
                  "what this host lets the supervisor run on it"),
              Flag.of(
                  "run-as",
                  "own|agent|USER",
                  "own",
                  "if the agent is root, the user for scripts whose task has no run_as: own (a new"
                      + " user for each run; own:FROM-TO sets the range of user ids), agent (the"
                      + " agent's user), or USER"),
              Flag.of(
                      "join-token-file",
                      "FILE",
                      "",
                      "a file with the join token, needed once; or the token in CAPATAZ_JOIN_TOKEN")
                  .from(""),
              Flag.of(
                  "on-stop",
                  "leave|end",
                  "leave; end with --stop-with-parent",
                  "leave running scripts to their keepers for the next start, or end them"),
              Flag.of(
                  "drain",
                  "SECONDS",
                  "20",
                  "how long to wait for running scripts before leaving them"),
              Flag.of(
                  "keeper",
                  "native|shell",
                  "native if it runs here",
                  "the program that supervises scripts"),
              Flag.of(
                  "script-cache",
                  "MB",
                  "256",
                  "room for fetched scripts in DIR/scripts; at least 64"),
              Flag.of(
                  "link",
                  "auto|off",
                  "auto",
                  "keep a connection (a WebSocket) to the supervisor where it can be opened, or"
                      + " make calls only"),
              Flag.of(
                      "kafka",
                      "auto|off",
                      "auto",
                      "listen to Kafka if the supervisor names one, or find jobs over the link and"
                          + " by polling only")
                  .from("CAPATAZ_AGENT_KAFKA"),
              Flag.of(
                      "kafka-properties",
                      "FILE",
                      "",
                      "settings of Kafka's consumers, which win over the supervisor's: key stores,"
                          + " mechanisms, times")
                  .from("CAPATAZ_AGENT_KAFKA_PROPERTIES"),
              Flag.of(
                  "ca-file",
                  "FILE",
                  "those of the Java runtime",
                  "certificates that may sign the supervisor's, as PEM"),
              Flag.bare("stop-with-parent", "end when standard input ends"),
              // Known only to be refused without its value being repeated.
              Flag.of(JOIN_TOKEN, "TOKEN", "", "").from("")));

  private static final int MOST_SLOTS = 256;
  private static final int MOST_DEFAULT_SLOTS = 16;
  private static final int MOST_LABELS = 64;

  private static final int DEFAULT_DRAIN = 20;
  private static final int LONGEST_DRAIN = 999_999;

  /** In megabytes; the least is a dozen of the longest scripts. */
  private static final int DEFAULT_SCRIPT_CACHE = 256;

  private static final int LEAST_SCRIPT_CACHE = 64;
  private static final int MOST_SCRIPT_CACHE = 9_999_999;

  private static final String LABEL =
      "[A-Za-z0-9](?:[A-Za-z0-9._/-]{0,98}[A-Za-z0-9])?="
          + "(?:[A-Za-z0-9](?:[A-Za-z0-9._-]{0,98}[A-Za-z0-9])?)?";

  /** Collects what is wrong, so that all of it can be reported at once. */
  private static final class Problems {

    private final List<String> sentences = new ArrayList<>();

    void add(String sentence) {
      sentences.add(sentence);
    }

    /** The value, or the fallback and one more problem. */
    <T> T check(T fallback, Supplier<T> value) {
      try {
        return value.get();
      } catch (UsageError e) {
        sentences.add(String.valueOf(e.getMessage()));
        return fallback;
      }
    }

    void throwIfAny() {
      if (!sentences.isEmpty()) {
        throw new UsageError(String.join(System.lineSeparator(), sentences));
      }
    }
  }

  /**
   * Reads what was given, and checks it.
   *
   * @param variables the environment, for the join token
   * @param hostName the operating system's name for this host
   * @param processors how many there are
   * @throws UsageError that names everything that is wrong
   */
  static AgentConfig read(
      Settings given, Map<String, String> variables, String hostName, int processors) {
    Problems problems = new Problems();
    boolean stopWithParent = given.has("stop-with-parent");
    refuseTokenOnCommandLine(given, problems);
    URI supervisor = supervisor(given.text("supervisor").orElse(""), problems);
    int defaultSlots = Math.clamp(4L * processors, 1, MOST_DEFAULT_SLOTS);
    AgentConfig config =
        new AgentConfig(
            supervisor,
            problems.check(Path.of(""), () -> given.path("data").orElse(Path.of("agent-data"))),
            host(given.text("host").orElse(hostName), problems),
            problems.check(
                defaultSlots, () -> given.number("slots", 1, MOST_SLOTS).orElse(defaultSlots)),
            labels(given.text("label").orElse(""), problems),
            problems.check(Optional.empty(), () -> given.path("policy")),
            runAs(given, problems),
            joinToken(given, variables.getOrDefault("CAPATAZ_JOIN_TOKEN", ""), problems),
            keeper(given, problems),
            scriptCache(given, problems),
            new Connection(
                link(given, problems),
                problems.check(Optional.empty(), () -> given.path("ca-file")),
                problems.check(Optional.empty(), () -> kafka(given))),
            new Stop(
                endsScripts(given, stopWithParent, problems),
                problems.check(
                    Duration.ZERO,
                    () ->
                        Duration.ofSeconds(
                            given.number("drain", 0, LONGEST_DRAIN).orElse(DEFAULT_DRAIN))),
                stopWithParent));
    problems.throwIfAny();
    return config;
  }

  /** Opens the data folder, in a way that lets the users of scripts reach what they need. */
  DataFolder openData() throws IOException {
    boolean othersRun = !ScriptUsers.of(runAs, ThisHost.userNumber()).isAgentsOwn();
    return othersRun && ThisHost.userNumber() == 0
        ? DataFolder.openForOthers(data, DataFolder.SHARED)
        : DataFolder.open(data);
  }

  private static void refuseTokenOnCommandLine(Settings given, Problems problems) {
    if (given.has(JOIN_TOKEN)) {
      problems.add(
          "--join-token would show the token to everybody who lists processes. Put it in a file"
              + " and name that with --join-token-file, or in CAPATAZ_JOIN_TOKEN.");
    }
  }

  private static String host(String name, Problems problems) {
    if (!name.matches("[A-Za-z0-9][A-Za-z0-9._-]{0,252}")) {
      problems.add(
          "Invalid host name '"
              + name
              + "': must begin with a letter or digit and contain only letters, digits, dots,"
              + " dashes and underscores, 253 at most. Choose one with --host (CAPATAZ_HOST).");
    }
    return name;
  }

  private static Map<String, String> labels(String text, Problems problems) {
    Map<String, String> labels = new TreeMap<>();
    for (String part : text.split(",", -1)) {
      String label = part.strip();
      if (label.matches(LABEL)) {
        int equals = label.indexOf('=');
        labels.put(label.substring(0, equals), label.substring(equals + 1));
      } else if (!label.isEmpty()) {
        problems.add(
            "Invalid label '"
                + label
                + "': must be NAME=VALUE, such as zone=a. Both begin and end with a letter or digit"
                + " and contain only those, dots, dashes and underscores, names also slashes.");
      }
    }
    if (labels.size() > MOST_LABELS) {
      problems.add(
          "A host may have at most " + MOST_LABELS + " labels, not " + labels.size() + ".");
    }
    return labels;
  }

  private static URI supervisor(String text, Problems problems) {
    if (text.isBlank()) {
      problems.add(
          "The agent does not know its supervisor. Name it with --supervisor or CAPATAZ_SUPERVISOR,"
              + " such as https://capataz.example.com.");
      return URI.create("");
    }
    try {
      URI uri = new URI(text.replaceFirst("/+$", ""));
      String host = uri.getHost();
      boolean http = "http".equals(uri.getScheme());
      if (host == null || !(http || "https".equals(uri.getScheme()))) {
        problems.add(
            "Invalid supervisor address '"
                + text
                + "': must be complete, such as https://capataz.example.com.");
      } else if (uri.getUserInfo() != null || uri.getQuery() != null || uri.getFragment() != null) {
        problems.add(
            "The supervisor's address must not contain a user, query or fragment: only host, port"
                + " and path.");
      } else if (http && !isThisMachine(host)) {
        problems.add(
            "Supervisor address '"
                + text
                + "' would carry the credential and the scripts' secrets unprotected over the"
                + " network. Use https; http is for a supervisor on this machine.");
      }
      return uri;
    } catch (URISyntaxException e) {
      problems.add(
          "Invalid supervisor address '"
              + text
              + "': "
              + e.getReason()
              + ". It must be complete, such as https://capataz.example.com.");
      return URI.create("");
    }
  }

  private static boolean isThisMachine(String host) {
    return host.equals("localhost")
        || host.equals("[::1]")
        || host.matches("127(\\.[0-9]{1,3}){3}");
  }

  private static boolean endsScripts(Settings given, boolean stopWithParent, Problems problems) {
    String onStop = given.text("on-stop").orElse(stopWithParent ? "end" : "leave");
    if (!onStop.equals("leave") && !onStop.equals("end")) {
      problems.add(given.invalid("on-stop", "must be leave or end"));
    }
    return onStop.equals("end");
  }

  private static String runAs(Settings given, Problems problems) {
    String runAs = given.text("run-as").orElse(ScriptUsers.OWN);
    try {
      var _ = ScriptUsers.of(runAs, ThisHost.userNumber());
    } catch (IllegalArgumentException e) {
      problems.add(given.invalid("run-as", String.valueOf(e.getMessage()).replaceAll("\\.$", "")));
    }
    return runAs;
  }

  private static long scriptCache(Settings given, Problems problems) {
    int megabytes =
        problems.check(
            DEFAULT_SCRIPT_CACHE,
            () ->
                given
                    .number("script-cache", LEAST_SCRIPT_CACHE, MOST_SCRIPT_CACHE)
                    .orElse(DEFAULT_SCRIPT_CACHE));
    return (long) megabytes << 20;
  }

  private static boolean link(Settings given, Problems problems) {
    String link = given.text("link").orElse("auto");
    if (!link.equals("auto") && !link.equals("off")) {
      problems.add(given.invalid("link", "must be auto or off"));
    }
    return link.equals("auto");
  }

  private static Optional<BrokerProperties> kafka(Settings given) {
    String kafka = given.text("kafka").orElse("auto");
    if (!kafka.equals("auto") && !kafka.equals("off")) {
      throw new UsageError(given.invalid("kafka", "must be auto or off"));
    }
    Optional<BrokerProperties> properties =
        given
            .path("kafka-properties")
            .map(
                file ->
                    BrokerClient.read(file, "--kafka-properties (CAPATAZ_AGENT_KAFKA_PROPERTIES)"));
    return kafka.equals("off")
        ? Optional.empty()
        : properties.or(() -> Optional.of(BrokerProperties.NONE));
  }

  private static Optional<Keepers.Form> keeper(Settings given, Problems problems) {
    return switch (given.text("keeper").orElse("")) {
      case "" -> Optional.empty();
      case "native" -> Optional.of(Keepers.Form.NATIVE);
      case "shell" -> Optional.of(Keepers.Form.SHELL);
      default -> {
        problems.add(given.invalid("keeper", "must be native or shell"));
        yield Optional.empty();
      }
    };
  }

  private static Optional<Secret> joinToken(Settings given, String variable, Problems problems) {
    Optional<Path> file = problems.check(Optional.empty(), () -> given.path("join-token-file"));
    if (file.isEmpty()) {
      return Optional.of(variable).filter(text -> !text.isBlank()).map(AgentConfig::secret);
    }
    try {
      String text = Files.readString(file.get());
      if (text.isBlank()) {
        problems.add("The join token's file " + file.get() + " is empty. Put the token into it.");
        return Optional.empty();
      }
      return Optional.of(secret(text));
    } catch (IOException e) {
      problems.add(
          "The join token's file "
              + file.get()
              + " cannot be read ("
              + e.getClass().getSimpleName()
              + "). Check its name and rights.");
      return Optional.empty();
    }
  }

  private static Secret secret(String text) {
    return Secret.of(text.strip());
  }
}
