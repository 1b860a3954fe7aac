package io.capataz.agent;

import io.capataz.agent.process.Keepers;
import io.capataz.common.secret.Secret;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What the agent is told when it is started. The only reader of flags and environment.
 *
 * @param supervisor the supervisor's address, without a slash at its end
 * @param data the folder it may write to
 * @param host the name under which tasks find this host
 * @param slots how many jobs run at once
 * @param labels by which pools may find this host
 * @param policy the host's policy file; empty: the usual place, if it is there
 * @param joinToken makes a new agent known; needed once
 * @param keeper which keeper looks after scripts; empty: the best that runs here
 * @param scriptCache how many bytes of scripts it keeps that were fetched
 * @param endsScripts whether it ends what runs when it is told to end; else it waits for it, and
 *     leaves to its keeper what takes longer
 * @param drain how long it waits
 * @param stopWithParent whether it ends when its standard input does
 */
record AgentConfig(
    URI supervisor,
    Path data,
    String host,
    int slots,
    Map<String, String> labels,
    Optional<Path> policy,
    Optional<Secret> joinToken,
    Optional<Keepers.Form> keeper,
    long scriptCache,
    boolean endsScripts,
    Duration drain,
    boolean stopWithParent) {

  static final String HELP =
      """
      capataz agent: runs the jobs of one host.

        --supervisor URL        where the supervisor is (CAPATAZ_SUPERVISOR); https, or http to this machine
        --data DIR              the folder it keeps its credential and its runs in
                                (CAPATAZ_AGENT_DATA, default ./agent-data)
        --host NAME             the name under which tasks find this host
                                (CAPATAZ_HOST, default the operating system's name for it)
        --slots N               how many jobs run at once (CAPATAZ_SLOTS, default 4 per processor, at most 16)
        --label NAME=VALUE      by which pools may find this host, as zone=a; as often as you like
                                (CAPATAZ_LABELS=NAME=VALUE,…)
        --policy FILE           what this host lets the supervisor run on it
                                (CAPATAZ_POLICY, default /etc/capataz/policy.yaml if it is there)
        --join-token-file FILE  a file with the join token that makes a new agent known; needed once.
                                Or put the token itself in CAPATAZ_JOIN_TOKEN.
        --on-stop leave|end     when told to end: leave running scripts to their keepers, which the next
                                start takes up again, or end them (CAPATAZ_ON_STOP, default leave;
                                end with --stop-with-parent)
        --drain SECONDS         how long to wait for running scripts before leaving them
                                (CAPATAZ_DRAIN, default 20)
        --keeper native|shell   what looks after scripts (CAPATAZ_KEEPER, default native if it runs here)
        --script-cache MB       how much room the scripts may take in DIR/scripts that were fetched, 64 or more
                                (CAPATAZ_SCRIPT_CACHE, default 256)
        --stop-with-parent      end when standard input ends
        --help                  this text
      """;

  private static final Set<String> FLAGS =
      Set.of(
          "--supervisor",
          "--data",
          "--host",
          "--slots",
          "--label",
          "--policy",
          "--join-token-file",
          "--on-stop",
          "--drain",
          "--keeper",
          "--script-cache");

  private static final int MOST_SLOTS = 256;
  private static final int MOST_DEFAULT_SLOTS = 16;
  private static final int MOST_LABELS = 64;

  /** A dozen of the longest scripts. */
  private static final int LEAST_SCRIPT_CACHE = 64;

  private static final String LABEL =
      "[A-Za-z0-9](?:[A-Za-z0-9._/-]{0,98}[A-Za-z0-9])?="
          + "(?:[A-Za-z0-9](?:[A-Za-z0-9._-]{0,98}[A-Za-z0-9])?)?";

  /** What is wrong, all of it. */
  static final class Invalid extends Exception {

    private static final long serialVersionUID = 1;

    Invalid(List<String> problems) {
      super(String.join(System.lineSeparator(), problems));
    }
  }

  /**
   * Reads flags, then the environment, then the defaults.
   *
   * @param hostName the operating system's name for this host
   * @param processors how many there are
   */
  static AgentConfig read(
      List<String> arguments, Map<String, String> environment, String hostName, int processors)
      throws Invalid {
    List<String> problems = new ArrayList<>();
    Map<String, String> flags = flags(arguments, problems);
    boolean stopWithParent = flags.containsKey("--stop-with-parent");
    URI supervisor =
        supervisor(
            value(flags, "--supervisor", environment, "CAPATAZ_SUPERVISOR").orElse(""), problems);
    Path data =
        path(
            value(flags, "--data", environment, "CAPATAZ_AGENT_DATA").orElse("agent-data"),
            "folder",
            problems);
    Optional<Path> policy =
        value(flags, "--policy", environment, "CAPATAZ_POLICY")
            .map(text -> path(text, "file", problems));
    String host = value(flags, "--host", environment, "CAPATAZ_HOST").orElse(hostName);
    if (!host.matches("[A-Za-z0-9][A-Za-z0-9._-]{0,252}")) {
      problems.add(
          "The host name `"
              + host
              + "` cannot be used: it must begin with a letter or digit and hold only letters,"
              + " digits, dots, dashes and underscores, 253 at most. Choose one with --host.");
    }
    int slots =
        slots(
            value(flags, "--slots", environment, "CAPATAZ_SLOTS")
                .orElse(Integer.toString(Math.clamp(4L * processors, 1, MOST_DEFAULT_SLOTS))),
            problems);
    Map<String, String> labels =
        labels(value(flags, "--label", environment, "CAPATAZ_LABELS").orElse(""), problems);
    Optional<Secret> joinToken =
        joinToken(flags.get("--join-token-file"), environment.get("CAPATAZ_JOIN_TOKEN"), problems);
    String onStop =
        value(flags, "--on-stop", environment, "CAPATAZ_ON_STOP")
            .orElse(stopWithParent ? "end" : "leave");
    if (!onStop.equals("leave") && !onStop.equals("end")) {
      problems.add("`" + onStop + "` cannot be done on stop: say leave or end.");
    }
    Duration drain =
        drain(value(flags, "--drain", environment, "CAPATAZ_DRAIN").orElse("20"), problems);
    Optional<Keepers.Form> keeper =
        value(flags, "--keeper", environment, "CAPATAZ_KEEPER")
            .flatMap(text -> keeper(text, problems));
    long scriptCache =
        scriptCache(
            value(flags, "--script-cache", environment, "CAPATAZ_SCRIPT_CACHE").orElse("256"),
            problems);
    if (!problems.isEmpty()) {
      throw new Invalid(problems);
    }
    return new AgentConfig(
        supervisor,
        data,
        host,
        slots,
        labels,
        policy,
        joinToken,
        keeper,
        scriptCache,
        onStop.equals("end"),
        drain,
        stopWithParent);
  }

  private static Map<String, String> flags(List<String> arguments, List<String> problems) {
    Map<String, String> flags = new HashMap<>();
    for (int i = 0; i < arguments.size(); i++) {
      String argument = arguments.get(i);
      int equals = argument.indexOf('=');
      String name = equals < 0 ? argument : argument.substring(0, equals);
      if (argument.equals("--stop-with-parent")) {
        flags.put(argument, "");
      } else if (name.equals("--join-token")) {
        problems.add(
            "--join-token would show the token to everybody who lists processes. Put it in a file"
                + " and name that with --join-token-file, or in CAPATAZ_JOIN_TOKEN.");
        i += equals < 0 ? 1 : 0;
      } else if (!FLAGS.contains(name)) {
        problems.add("There is no flag `" + name + "`. See --help for those there are.");
      } else if (equals >= 0) {
        put(flags, name, argument.substring(equals + 1));
      } else if (i + 1 < arguments.size()) {
        i++;
        put(flags, name, arguments.get(i));
      } else {
        problems.add(name + " needs a value after it. See --help.");
      }
    }
    return flags;
  }

  /** Labels may be named one by one; of other flags the last one counts. */
  private static void put(Map<String, String> flags, String name, String value) {
    flags.merge(name, value, (before, last) -> name.equals("--label") ? before + "," + last : last);
  }

  private static Map<String, String> labels(String text, List<String> problems) {
    Map<String, String> labels = new TreeMap<>();
    for (String part : text.split(",", -1)) {
      String label = part.strip();
      if (label.matches(LABEL)) {
        int equals = label.indexOf('=');
        labels.put(label.substring(0, equals), label.substring(equals + 1));
      } else if (!label.isEmpty()) {
        problems.add(
            "`"
                + label
                + "` is no label: write NAME=VALUE, as zone=a; both begin and end with a letter or"
                + " digit and hold only those, dots, dashes and underscores, names also slashes.");
      }
    }
    if (labels.size() > MOST_LABELS) {
      problems.add("A host may have " + MOST_LABELS + " labels, and not " + labels.size() + ".");
    }
    return labels;
  }

  /** An empty variable counts as none: deployment tools like to set those. */
  private static Optional<String> value(
      Map<String, String> flags, String flag, Map<String, String> environment, String variable) {
    return Optional.ofNullable(flags.get(flag))
        .or(() -> Optional.ofNullable(environment.get(variable)).filter(text -> !text.isBlank()));
  }

  private static URI supervisor(String text, List<String> problems) {
    if (text.isBlank()) {
      problems.add(
          "The agent does not know its supervisor. Name it with --supervisor URL or"
              + " CAPATAZ_SUPERVISOR, as in --supervisor https://capataz.example.com.");
      return URI.create("");
    }
    try {
      URI uri = new URI(text.replaceFirst("/+$", ""));
      String host = uri.getHost();
      boolean http = "http".equals(uri.getScheme());
      if (host == null || !(http || "https".equals(uri.getScheme()))) {
        problems.add(
            "`"
                + text
                + "` is not the address of a supervisor. Give it in full, as in"
                + " https://capataz.example.com.");
      } else if (uri.getUserInfo() != null || uri.getQuery() != null || uri.getFragment() != null) {
        problems.add(
            "The supervisor's address may hold no user, query or fragment: give host, port and"
                + " path alone.");
      } else if (http && !isThisMachine(host)) {
        problems.add(
            "`"
                + text
                + "` would carry the credential and the scripts' secrets unprotected over the"
                + " network. Use https; http is for a supervisor on this machine.");
      }
      return uri;
    } catch (URISyntaxException e) {
      problems.add(
          "`" + text + "` is not an address: " + e.getReason() + ". Give it in full, with https.");
      return URI.create("");
    }
  }

  private static boolean isThisMachine(String host) {
    return host.equals("localhost")
        || host.equals("[::1]")
        || host.matches("127(\\.[0-9]{1,3}){3}");
  }

  private static Path path(String text, String what, List<String> problems) {
    try {
      return Path.of(text);
    } catch (InvalidPathException e) {
      problems.add(
          "`" + text + "` cannot be a " + what + ": " + e.getReason() + ". Choose another.");
      return Path.of("");
    }
  }

  private static int slots(String text, List<String> problems) {
    int slots = text.matches("[0-9]{1,4}") ? Integer.parseInt(text) : 0;
    if (slots < 1 || slots > MOST_SLOTS) {
      problems.add(
          "`" + text + "` slots cannot be had: give a number from 1 to " + MOST_SLOTS + ".");
    }
    return slots;
  }

  private static Duration drain(String text, List<String> problems) {
    if (!text.matches("[0-9]{1,6}")) {
      problems.add("`" + text + "` is no time to drain: give seconds, 0 to 999999.");
      return Duration.ZERO;
    }
    return Duration.ofSeconds(Long.parseLong(text));
  }

  private static long scriptCache(String text, List<String> problems) {
    int megabytes = text.matches("[0-9]{1,7}") ? Integer.parseInt(text) : 0;
    if (megabytes < LEAST_SCRIPT_CACHE) {
      problems.add(
          "`"
              + text
              + "` is no room for scripts: give megabytes, "
              + LEAST_SCRIPT_CACHE
              + " to 9999999.");
    }
    return (long) megabytes << 20;
  }

  private static Optional<Keepers.Form> keeper(String text, List<String> problems) {
    return switch (text) {
      case "native" -> Optional.of(Keepers.Form.NATIVE);
      case "shell" -> Optional.of(Keepers.Form.SHELL);
      default -> {
        problems.add("There is no keeper `" + text + "`: say native or shell.");
        yield Optional.empty();
      }
    };
  }

  private static Optional<Secret> joinToken(
      @Nullable String file, @Nullable String variable, List<String> problems) {
    if (file == null) {
      return Optional.ofNullable(variable).filter(text -> !text.isBlank()).map(AgentConfig::secret);
    }
    try {
      String text = Files.readString(Path.of(file));
      if (text.isBlank()) {
        problems.add("The join token's file " + file + " is empty. Put the token into it.");
        return Optional.empty();
      }
      return Optional.of(secret(text));
    } catch (IOException | InvalidPathException e) {
      problems.add(
          "The join token's file " + file + " cannot be read (" + e + "). Check name and rights.");
      return Optional.empty();
    }
  }

  private static Secret secret(String text) {
    return Secret.of(text.strip());
  }
}
