package io.capataz.agent.process;

import io.capataz.common.environment.VariableNames;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A command to execute, without a shell. Strings are passed as UTF-8.
 *
 * @param argv the path of the program, then its arguments
 * @param environment the complete environment; nothing is inherited
 * @param directory the working directory
 * @param as the user to run as; empty for the user of this process
 */
public record Command(
    List<String> argv, Map<String, String> environment, Path directory, Optional<Account> as) {

  public Command {
    argv = List.copyOf(argv);
    environment = Map.copyOf(environment);
    if (argv.isEmpty()) {
      throw new IllegalArgumentException("A command needs a program, but argv is empty.");
    }
    for (var argument : argv) {
      mustBeFreeOfNul(argument, "An argument");
    }
    environment.forEach(
        (name, value) -> {
          if (!VariableNames.isValid(name)) {
            throw new IllegalArgumentException(
                "Invalid name of an environment variable: `"
                    + name.replaceAll("[^\\x20-\\x7e]", "?")
                    + "`. It must consist of letters, digits and underscores, and not begin with a"
                    + " digit.");
          }
          mustBeFreeOfNul(value, "The environment variable " + name);
        });
  }

  /** A command that runs as the user of this process. */
  public Command(List<String> argv, Map<String, String> environment, Path directory) {
    this(argv, environment, directory, Optional.empty());
  }

  private static void mustBeFreeOfNul(String text, String what) {
    if (text.indexOf('\0') >= 0) {
      throw new IllegalArgumentException(
          what + " contains a NUL character, which cannot be passed to a process.");
    }
  }
}
