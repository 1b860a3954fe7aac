package io.capataz.agent.process;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What to execute. Texts reach the process as UTF-8, byte for byte; no shell is involved.
 *
 * @param argv the program's path, then its arguments
 * @param environment all of it; nothing of this process's own environment is added
 * @param directory where the program starts
 * @param as the user it runs as; empty: as this process's own
 */
public record Command(
    List<String> argv, Map<String, String> environment, Path directory, Optional<Account> as) {

  public Command {
    argv = List.copyOf(argv);
    environment = Map.copyOf(environment);
    if (argv.isEmpty()) {
      throw new IllegalArgumentException("A command needs a program, but argv is empty.");
    }
    for (String argument : argv) {
      mustBeFreeOfNul(argument, "An argument");
    }
    environment.forEach(
        (name, value) -> {
          if (name.isEmpty() || name.indexOf('=') >= 0) {
            throw new IllegalArgumentException(
                "Invalid name of an environment variable: `" + name + "`.");
          }
          mustBeFreeOfNul(name, "The name of an environment variable");
          mustBeFreeOfNul(value, "The environment variable " + name);
        });
  }

  /** One that runs as this process's own user. */
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
