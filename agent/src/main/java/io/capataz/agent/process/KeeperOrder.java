package io.capataz.agent.process;

import io.capataz.agent.cgroup.Confinement;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
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
    confinement.join().forEach(file -> put(order, "join", file));
    confinement.killFolder().ifPresent(folder -> put(order, "kill_folder", folder));
    confinement.method().ifPresent(method -> put(order, "containment", method));
    return order.toByteArray();
  }

  /** Shell assignments and arguments. */
  static byte[] forShell(String run, Command command, RunLimits limits, Confinement confinement) {
    var words = command.argv().stream().map(KeeperOrder::quoted).collect(Collectors.joining(" "));
    var join = confinement.join().stream().map(Path::toString).collect(Collectors.joining(" "));
    var text =
        """
        timeout=%s grace=%s signal=%s main_first=%s head=%s tail=%s
        directory=%s
        program=%s
        join=%s
        kill_folder=%s
        containment=%s
        marker=%s
        drop=%s
        set -- %s
        """
            .formatted(
                // An argument of sleep, which accepts fractions of a second.
                "%d.%03d".formatted(limits.timeout().toSeconds(), limits.timeout().toMillisPart()),
                limits.grace().toMillis() / 10,
                limits.signal().number(),
                limits.mainFirst() ? 1 : 0,
                limits.head(),
                limits.tail(),
                quoted(command.directory().toString()),
                quoted(command.argv().getFirst()),
                quoted(join),
                quoted(confinement.killFolder().map(Path::toString).orElse("")),
                quoted(confinement.method().orElse("session")),
                quoted(run),
                quoted(command.as().map(KeeperOrder::drop).orElse("")),
                words);
    return text.getBytes(StandardCharsets.UTF_8);
  }

  static byte[] environmentForShell(String run, Command command) {
    var text = new StringBuilder();
    var words = new StringBuilder();
    command
        .environment()
        .forEach(
            (name, value) -> {
              var assignment = name + "=" + quoted(value);
              if (SHELLS_OWN.contains(name)) {
                words.append(' ').append(assignment);
              } else {
                text.append("export ").append(assignment).append('\n');
              }
            });
    text.append("export ").append(Keepers.MARKER).append('=').append(quoted(run)).append('\n');
    text.append("set -- \"$env\" --default-signal=INT,QUIT").append(words).append(" \"$@\"\n");
    return text.toString().getBytes(StandardCharsets.UTF_8);
  }

  /** The command prefix that switches to another user. */
  private static String drop(Account account) {
    return "setpriv --reuid=%s --regid=%s --groups=%s --no-new-privs"
        .formatted(
            Integer.toUnsignedString(account.user()),
            Integer.toUnsignedString(account.group()),
            numbers(account.groups()));
  }

  private static String numbers(List<Integer> groups) {
    return groups.stream().map(Integer::toUnsignedString).collect(Collectors.joining(","));
  }

  private static String quoted(String text) {
    return "'" + text.replace("'", "'\\''") + "'";
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
