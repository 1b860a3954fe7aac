package io.capataz.common.command;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What a command was given: flags first, then the environment. A blank variable counts as absent,
 * because deployment tools like to set those.
 */
public final class Settings {

  private static final int LAST_PORT = 65_535;

  private final Map<String, String> values;
  private final Map<String, String> origins;

  private Settings(Map<String, String> values, Map<String, String> origins) {
    this.values = Map.copyOf(values);
    this.origins = Map.copyOf(origins);
  }

  static Settings of(
      Iterable<Flag> known, Map<String, String> flags, Map<String, String> environment) {
    Map<String, String> values = new HashMap<>();
    Map<String, String> origins = new HashMap<>();
    for (Flag flag : known) {
      String variable = environment.getOrDefault(flag.variable(), "");
      String value = flags.get(flag.name());
      if (value != null) {
        values.put(flag.name(), value);
        origins.put(flag.name(), flag.typed());
      } else if (!variable.isBlank()) {
        values.put(flag.name(), variable);
        origins.put(flag.name(), flag.variable());
      }
    }
    return new Settings(values, origins);
  }

  /** Whether it was given at all. */
  public boolean has(String name) {
    return values.containsKey(name);
  }

  /** Its value, unless that is absent or blank. */
  public Optional<String> text(String name) {
    return Optional.ofNullable(values.get(name)).filter(value -> !value.isBlank());
  }

  public Optional<Path> path(String name) {
    try {
      return text(name).map(Path::of);
    } catch (InvalidPathException e) {
      throw new UsageError(invalid(name, "is not a path (" + e.getReason() + ")"));
    }
  }

  public OptionalInt port(String name) {
    return number(name, 0, LAST_PORT);
  }

  public OptionalInt number(String name, int least, int most) {
    Optional<String> text = text(name);
    if (text.isEmpty()) {
      return OptionalInt.empty();
    }
    try {
      int number = Integer.parseInt(text.get());
      if (number >= least && number <= most) {
        return OptionalInt.of(number);
      }
    } catch (NumberFormatException e) {
      // The sentence below names the bounds.
    }
    throw new UsageError(invalid(name, "must be a number from %d to %d".formatted(least, most)));
  }

  /**
   * The sentence that refuses a value; it names the flag or the variable it came from.
   *
   * @param rule such as {@code must be a number from 1 to 256}
   */
  public String invalid(String name, String rule) {
    return "Invalid %s '%s': %s."
        .formatted(origins.getOrDefault(name, "--" + name), values.getOrDefault(name, ""), rule);
  }
}
