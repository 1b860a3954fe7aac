package io.capataz.supervisor.standalone;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/**
 * What stands on a command line: {@code --name value}, {@code --name=value} or a bare {@code
 * --name}.
 */
record Flags(Map<String, String> values) {

  private static final int LAST_PORT = 65_535;

  Flags {
    values = Map.copyOf(values);
  }

  /**
   * Reads a command line.
   *
   * @param valued the flags that take a value
   * @param bare the flags that take none
   * @throws Refusal if a word is none of them
   */
  static Flags parse(List<String> words, Set<String> valued, Set<String> bare) {
    Map<String, String> values = new LinkedHashMap<>();
    for (int i = 0; i < words.size(); i++) {
      String word = words.get(i);
      String name = word.startsWith("--") ? word.substring(2) : "";
      int equals = name.indexOf('=');
      String value = null;
      if (equals >= 0) {
        value = name.substring(equals + 1);
        name = name.substring(0, equals);
      }
      if (bare.contains(name) && value == null) {
        value = "";
      } else if (valued.contains(name)) {
        if (value == null && ++i == words.size()) {
          throw new Refusal("--%s needs a value. See --help.".formatted(name));
        }
        value = value == null ? words.get(i) : value;
      } else {
        throw new Refusal("There is no flag %s here. See --help.".formatted(word));
      }
      if (values.put(name, value) != null) {
        throw new Refusal("--%s stands there twice. Give it once.".formatted(name));
      }
    }
    return new Flags(values);
  }

  boolean has(String name) {
    return values.containsKey(name);
  }

  Optional<String> text(String name) {
    return Optional.ofNullable(values.get(name)).filter(value -> !value.isBlank());
  }

  Optional<Path> path(String name) {
    try {
      return text(name).map(Path::of);
    } catch (InvalidPathException e) {
      throw new Refusal("--%s is not a folder's name: %s.".formatted(name, e.getMessage()));
    }
  }

  OptionalInt port(String name) {
    return number(name, 0, LAST_PORT);
  }

  OptionalInt number(String name, int least, int most) {
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
      // Said below in words that name the flag.
    }
    throw new Refusal(
        "--%s must be a number from %d to %d, not '%s'.".formatted(name, least, most, text.get()));
  }
}
