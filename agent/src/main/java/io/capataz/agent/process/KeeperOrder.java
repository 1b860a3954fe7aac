package io.capataz.agent.process;

import io.capataz.agent.cgroup.Confinement;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** Encodes the order for a keeper, in the format of each keeper. */
final class KeeperOrder {

  /** Variables that some shells do not allow to be set, or not to any value. */
  private static final Set<String> SHELLS_OWN =
      Set.of("OPTIND", "PPID", "UID", "EUID", "GROUPS", "SHELLOPTS", "BASHOPTS", "LINENO", "_");

  private KeeperOrder() {}

  /** A sequence of NUL-terminated {@code key=value} strings. */
  static byte[] forProgram(String run, Command command, RunLimits limits, Confinement confinement) {
    var order = new ByteArrayOutputStream();
    put(order, "timeout", nanos(limits.timeout()));
    put(order, "grace", nanos(limits.grace()));
    put(order, "signal", limits.signal().number());
    put(order, "main_first", limits.mainFirst() ? 1 : 0);
    put(order, "head", limits.head());
    put(order, "tail", limits.tail());
    put(order, "directory", command.directory());
    put(order, "program", command.argv().getFirst());
    command.argv().forEach(argument -> put(order, "argument", argument));
    command.environment().forEach((name, value) -> put(order, "variable", name + "=" + value));
    put(order, "variable", Keepers.MARKER + "=" + run);
    command
        .as()
        .ifPresent(
            account -> {
              put(order, "user", Integer.toUnsignedString(account.user()));
              put(order, "group", Integer.toUnsignedString(account.group()));
              put(order, "groups", numbers(account.groups()));
            });
    limits
        .resources()
        .ifPresent(
            resources -> {
              put(order, "open_files", resources.openFiles());
              put(order, "file_bytes", resources.fileBytes());
              resources.userProcesses().ifPresent(most -> put(order, "user_processes", most));
            });
    confinement.join().forEach(file -> put(order, "join", file));
    confinement.killFolder().ifPresent(folder -> put(order, "kill_folder", folder));
    confinement.method().ifPresent(method -> put(order, "containment", method));
    return order.toByteArray();
  }

  /**
   * Records of a key, the number of line feeds in the value, and the value. A shell reads them as
   * data; nothing of an order is ever text that a shell interprets.
   */
  static byte[] forShell(String run, Command command, RunLimits limits, Confinement confinement) {
    var order = new ByteArrayOutputStream();
    // An argument of sleep, which accepts fractions of a second.
    var timeout =
        "%d.%03d".formatted(limits.timeout().toSeconds(), limits.timeout().toMillisPart());
    record(order, "timeout", timeout);
    record(order, "grace", limits.grace().toMillis() / 10);
    record(order, "signal", limits.signal().number());
    record(order, "main_first", limits.mainFirst() ? 1 : 0);
    record(order, "head", limits.head());
    record(order, "tail", limits.tail());
    record(order, "directory", command.directory());
    record(order, "program", command.argv().getFirst());
    record(
        order,
        "join",
        confinement.join().stream().map(Path::toString).collect(Collectors.joining(" ")));
    record(order, "kill_folder", confinement.killFolder().map(Path::toString).orElse(""));
    record(order, "containment", confinement.method().orElse("session"));
    record(order, "marker", run);
    limits
        .resources()
        .ifPresent(
            resources -> {
              record(order, "open_files", resources.openFiles());
              record(order, "file_bytes", resources.fileBytes());
              resources.userProcesses().ifPresent(most -> record(order, "user_processes", most));
            });
    command
        .as()
        .ifPresent(
            account -> {
              record(order, "user", Integer.toUnsignedString(account.user()));
              record(order, "group", Integer.toUnsignedString(account.group()));
              record(order, "groups", numbers(account.groups()));
            });
    return order.toByteArray();
  }

  /**
   * What the script's own process reads, as its user, in the same format: variables to export, then
   * an empty one, then the words of the command. Variables that shells do not allow to be set are
   * words for {@code env}.
   */
  static byte[] commandForShell(String run, Command command) {
    var records = new ByteArrayOutputStream();
    var words = new ArrayList<String>();
    command
        .environment()
        .forEach(
            (name, value) -> {
              if (SHELLS_OWN.contains(name)) {
                words.add(name + "=" + value);
              } else {
                record(records, "variable", name + "=" + value);
              }
            });
    record(records, "variable", Keepers.MARKER + "=" + run);
    record(records, "variable", "");
    words.addAll(command.argv());
    words.forEach(word -> record(records, "word", word));
    return records.toByteArray();
  }

  private static void record(ByteArrayOutputStream records, String key, Object value) {
    var text = value.toString();
    long lines = text.chars().filter(c -> c == '\n').count();
    records.writeBytes((key + " " + lines + "\n" + text + "\n").getBytes(StandardCharsets.UTF_8));
  }

  private static String numbers(List<Integer> groups) {
    return groups.stream().map(Integer::toUnsignedString).collect(Collectors.joining(","));
  }

  private static long nanos(Duration duration) {
    // Practically unlimited; avoids an overflow.
    return duration.compareTo(Duration.ofDays(10_000)) > 0 ? Long.MAX_VALUE : duration.toNanos();
  }

  private static void put(ByteArrayOutputStream order, String key, Object value) {
    order.writeBytes((key + "=" + value).getBytes(StandardCharsets.UTF_8));
    order.write(0);
  }
}
