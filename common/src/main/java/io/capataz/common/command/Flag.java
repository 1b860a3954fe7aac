package io.capataz.common.command;

import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A flag of a command, and the environment variable for the same setting.
 *
 * @param name without dashes, such as {@code mongodb-uri}
 * @param label what stands for its value in the help text; empty: the flag takes no value
 * @param variable the environment variable that is read when the flag is absent; empty: none
 * @param fallback the default, for the help text; empty: none
 * @param about its line in the help text; empty: it is not shown there
 * @param repeatable whether it may be given more than once
 */
public record Flag(
    String name, String label, String variable, String fallback, String about, boolean repeatable) {

  /** A flag with a value, and with the variable of the same name. */
  public static Flag of(String name, String label, String fallback, String about) {
    return new Flag(name, label, variableOf(name), fallback, about, false);
  }

  /** A flag that is either given or not. */
  public static Flag bare(String name, String about) {
    return new Flag(name, "", "", "", about, false);
  }

  /** The same with another variable; empty: with none. */
  public Flag from(String otherVariable) {
    return new Flag(name, label, otherVariable, fallback, about, repeatable);
  }

  /** The same, to be given as often as one likes. */
  public Flag repeated() {
    return new Flag(name, label, variable, fallback, about, true);
  }

  /** The environment variable of a setting: {@code CAPATAZ_MONGODB_URI} for {@code mongodb-uri}. */
  private static String variableOf(String name) {
    return "CAPATAZ_" + name.replace('-', '_').toUpperCase(Locale.ROOT);
  }

  boolean takesValue() {
    return !label.isEmpty();
  }

  /** As it is typed. */
  String typed() {
    return "--" + name;
  }

  /** Its line in the help text, with variable and default behind it. */
  String help() {
    String origin =
        Stream.of(variable, fallback.isEmpty() ? "" : "default " + fallback)
            .filter(text -> !text.isEmpty())
            .collect(Collectors.joining("; "));
    return origin.isEmpty() ? about : about + " (" + origin + ")";
  }
}
