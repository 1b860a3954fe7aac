package io.capataz.supervisor.task;

import io.capataz.supervisor.web.FieldReader;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The user a task's scripts run as: a user name, or a command template for the script (seed 004's
 * {@code script_runas}). The host decides what is allowed; invalid values are rejected here, so
 * that they are found when the task is created and not when a job fails.
 */
final class RunAs {

  /** The placeholder for the script in a command. */
  private static final String SCRIPT = "%script%";

  private static final int MAX_LENGTH = 1_000;

  /** A name that looks like an option or a number could be interpreted as one. */
  private static final Pattern NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9._-]{0,31}\\$?");

  private RunAs() {}

  /** Reads {@code run_as}, or {@code script_runas}; an empty string counts as absent. */
  static Optional<String> read(FieldReader fields) {
    var ours = fields.textOrNothing("run_as", MAX_LENGTH);
    var theirs = fields.textOrNothing("script_runas", MAX_LENGTH);
    if (ours.isPresent() && theirs.isPresent()) {
      fields.wrong("script_runas", "conflict", "must not be sent together with run_as.");
      return Optional.empty();
    }
    ours.ifPresent(text -> check(fields, "run_as", text));
    theirs.ifPresent(text -> check(fields, "script_runas", text));
    return ours.or(() -> theirs);
  }

  private static void check(FieldReader fields, String name, String text) {
    if (text.chars().anyMatch(Character::isISOControl)) {
      fields.wrong(name, "control_character", "must not contain a control character.");
    } else if (isTemplate(text)) {
      var first = text.indexOf(SCRIPT);
      if (first < 0 || text.indexOf(SCRIPT, first + 1) >= 0) {
        fields.wrong(
            name,
            "invalid_template",
            "must, as a command (because it contains a space, a '/' or "
                + SCRIPT
                + "), contain "
                + SCRIPT
                + " exactly once, as the place of the script.");
      }
    } else if (!NAME.matcher(text).matches()) {
      fields.wrong(
          name,
          "invalid_user",
          "must be a user name of at most 32 letters, digits, '.', '_' and '-' that begins with a"
              + " letter or '_', or a command that contains "
              + SCRIPT
              + ".");
    }
  }

  private static boolean isTemplate(String text) {
    return text.contains(SCRIPT)
        || text.indexOf('/') >= 0
        || text.chars().anyMatch(c -> Character.isWhitespace(c) || Character.isSpaceChar(c));
  }
}
