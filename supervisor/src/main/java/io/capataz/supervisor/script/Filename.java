package io.capataz.supervisor.script;

import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * File names for scripts and files on a host. They are never paths, and never look like an option
 * to the program that receives them.
 */
public final class Filename {

  static final int MAX_LENGTH = 200;

  /** The rule for names, for messages. */
  static final String FORM =
      "must start with a letter, digit, '.' or '_', contain only those and '-', and be neither"
          + " '.' nor"
          + " '..'.";

  private static final String NONE = "file";

  private static final Pattern VALID =
      Pattern.compile("(?!\\.{1,2}$)[A-Za-z0-9._][A-Za-z0-9._-]{0," + (MAX_LENGTH - 1) + "}");

  private Filename() {}

  /** A valid name as similar as possible to this one; {@code file} if there is none. */
  public static String madeOf(@Nullable String said) {
    if (said == null) {
      return NONE;
    }
    var last = said.substring(Math.max(said.lastIndexOf('/'), said.lastIndexOf('\\')) + 1);
    var clean = last.replaceAll("[^A-Za-z0-9._-]", "_");
    // The extension determines the type, so it is kept when a name is too long.
    var cut = clean.substring(Math.max(0, clean.length() - MAX_LENGTH));
    var name = cut.startsWith("-") ? "_" + cut.substring(1) : cut;
    return isValid(name) ? name : NONE;
  }

  static boolean isValid(String name) {
    return VALID.matcher(name).matches();
  }
}
