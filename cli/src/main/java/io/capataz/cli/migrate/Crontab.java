package io.capataz.cli.migrate;

import io.capataz.common.environment.VariableNames;
import io.capataz.common.protocol.MessageJson;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.node.ObjectNode;

/** Tasks and schedules for the lines of a crontab. */
final class Crontab {

  private static final Pattern VARIABLE =
      Pattern.compile("([A-Za-z_][A-Za-z0-9_]*)\\s*=\\s*([\"']?)(.*?)\\2\\s*");

  private static final Pattern ENTRY = Pattern.compile("(@\\S+|(?:\\S+\\s+){4}\\S+)\\s+(\\S.*)");
  private static final Pattern USER = Pattern.compile("(\\S+)\\s+(\\S.*)");
  private static final Pattern PERCENT = Pattern.compile("(?<!\\\\)%");
  private static final Pattern FIELD = Pattern.compile("[A-Za-z0-9*/,-]+");
  private static final Pattern REDIRECTED = Pattern.compile(">\\s*[^&\\s]");
  private static final Pattern CHANGED_FOLDER = Pattern.compile("\\bcd\\s+\\S+");

  /** Words before the one that says what a command does. */
  private static final Set<String> WRAPPERS =
      Set.of(
          "bash", "env", "exec", "flock", "ionice", "nice", "perl", "php", "python", "python3",
          "sh", "sudo", "test", "timeout");

  private static final Map<String, String> NICKNAMES =
      Map.of(
          "@yearly", "@yearly",
          "@annually", "@yearly",
          "@monthly", "@monthly",
          "@weekly", "@weekly",
          "@daily", "@daily",
          "@midnight", "@daily",
          "@hourly", "@hourly");

  private final Imported imported = new Imported();
  private final Map<String, String> environment = new TreeMap<>();
  private final Target target;
  private final boolean withUsers;
  private final String owner;
  private String zone;
  private String shell = "/bin/sh";

  /**
   * A crontab that is still to be read.
   *
   * @param withUsers whether each line names a user
   * @param owner whose crontab it is; empty: that does not matter
   */
  Crontab(Target target, String zone, boolean withUsers, String owner) {
    this.target = target;
    this.zone = zone;
    this.withUsers = withUsers;
    this.owner = owner;
  }

  Imported read(String text) {
    List<String> lines = text.lines().toList();
    for (int i = 0; i < lines.size(); i++) {
      line("line " + (i + 1), lines.get(i).strip());
    }
    if (!imported.definitions().isEmpty()) {
      imported.note(
          "all lines",
          "cron starts a command beside one that still runs; here that start is skipped, unless"
              + " the schedule says overlap: queue.");
      imported.note(
          "all lines", "scripts start in an empty folder, and not in the home of their user.");
    }
    return imported;
  }

  private void line(String place, String line) {
    if (line.isEmpty() || line.startsWith("#")) {
      return;
    }
    Matcher variable = VARIABLE.matcher(line);
    Matcher entry = ENTRY.matcher(line);
    if (variable.matches()) {
      variable(place, variable.group(1), variable.group(3));
    } else if (entry.matches()) {
      entry(place, entry.group(1), entry.group(2));
    } else {
      imported.note(place, "is no line of a crontab.");
    }
  }

  private void variable(String place, String name, String value) {
    switch (name) {
      case "SHELL" -> shell = value;
      case "CRON_TZ", "TZ" -> zone = value;
      case "MAILTO" -> {
        if (!value.isEmpty()) {
          imported.note(place, "MAILTO is not carried over; set callback_url of the tasks.");
        }
      }
      default -> {
        if (VariableNames.loadsCode(name)) {
          imported.note(place, name + " is refused by every host whose policy does not list it.");
        } else {
          environment.put(name, value);
        }
      }
    }
  }

  private void entry(String place, String when, String rest) {
    List<String> expressions = expressions(place, when);
    Matcher user = USER.matcher(rest);
    if (withUsers && !user.matches()) {
      imported.note(place, "names no command after the user.");
    } else if (!expressions.isEmpty()) {
      String command = withUsers ? user.group(2) : rest;
      String name = task(place, withUsers ? user.group(1) : owner, command);
      expressions.forEach(expression -> schedule(place, name, expression));
    }
  }

  private List<String> expressions(String place, String when) {
    if (when.startsWith("@")) {
      String known = NICKNAMES.get(when);
      if (known == null) {
        imported.note(place, when + " has no counterpart; a service of systemd may be one.");
        return List.of();
      }
      return List.of(known);
    }
    String[] fields = when.split("\\s+", -1);
    if (!Arrays.stream(fields).allMatch(field -> FIELD.matcher(field).matches())) {
      imported.note(place, "its time '%s' is not understood.".formatted(when));
      return List.of();
    }
    return fields[2].startsWith("*") || fields[4].startsWith("*")
        ? List.of(String.join(" ", fields))
        : eitherDay(place, fields);
  }

  /** In a crontab either day will do; here both have to match. */
  private List<String> eitherDay(String place, String[] fields) {
    imported.note(
        place,
        "names a day of the month and one of the week, which are two schedules now; a day that is"
            + " both starts it twice.");
    String time = fields[0] + " " + fields[1];
    return List.of(
        "%s %s %s *".formatted(time, fields[2], fields[3]),
        "%s * %s %s".formatted(time, fields[3], fields[4]));
  }

  private String task(String place, String user, String command) {
    String name = imported.unique(name(place, command));
    ObjectNode task = imported.add("task").put("name", name);
    target.putInto(task);
    if (!user.isEmpty()) {
      task.put("run_as", user);
      imported.note(
          "user " + user, "the agent has to be root, and the host's policy to allow this user.");
    }
    if (!environment.isEmpty()) {
      task.set("env", MessageJson.mapper().valueToTree(environment));
    }
    if (REDIRECTED.matcher(command).find()) {
      imported.note(place, "redirects its output, which its jobs will therefore not show.");
    }
    task.putObject("script").put("filename", name + ".sh").put("content", script(command));
    return name;
  }

  private void schedule(String place, String task, String expression) {
    imported
        .add("schedule")
        .put("task", task)
        .put("description", "crontab, %s: %s".formatted(place, expression))
        .put("cron", expression)
        .put("zone", zone);
  }

  /** What stands behind the first percent sign is standard input, with others as line ends. */
  private String script(String command) {
    String[] parts = PERCENT.split(command, -1);
    String first = "#!%s\n%s\n".formatted(shell, plain(parts[0]));
    if (parts.length == 1) {
      return first;
    }
    String input =
        Arrays.stream(parts, 1, parts.length)
            .map(part -> plain(part) + "\n")
            .reduce("", String::concat);
    return "#!%s\n{ %s\n} <<'STDIN'\n%sSTDIN\n".formatted(shell, plain(parts[0]), input);
  }

  private static String plain(String text) {
    return text.replace("\\%", "%");
  }

  private static String name(String place, String command) {
    return Arrays.stream(
            CHANGED_FOLDER.matcher(command).replaceAll("").split("[\\s;&|()<>\\[\\]\"']+", -1))
        .filter(word -> !word.startsWith("-") && !word.contains("="))
        .map(word -> word.substring(word.lastIndexOf('/') + 1))
        .filter(word -> word.matches("[A-Za-z_][A-Za-z0-9._-]*") && !WRAPPERS.contains(word))
        .map(word -> word.replaceFirst("\\.(?:sh|py|pl|php|rb)$", ""))
        .findFirst()
        .orElse(place.replace(' ', '-'));
  }
}
