package io.capataz.supervisor.task;

import java.util.regex.Pattern;

/**
 * Names under which scripts and files are written on a host. They are never paths, and never look
 * like an option of the program that is given them.
 */
final class Filename {

  static final int MAX_LENGTH = 200;

  /** What a name must look like; for messages. */
  static final String FORM =
      "must start with a letter, digit, '.' or '_', hold only those and '-', and be neither '.' nor"
          + " '..'.";

  private static final Pattern VALID =
      Pattern.compile("(?!\\.{1,2}$)[A-Za-z0-9._][A-Za-z0-9._-]{0," + (MAX_LENGTH - 1) + "}");

  private Filename() {}

  static boolean isValid(String name) {
    return VALID.matcher(name).matches();
  }
}
