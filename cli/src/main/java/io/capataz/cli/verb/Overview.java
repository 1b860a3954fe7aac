package io.capataz.cli.verb;

import java.util.List;
import java.util.stream.Collectors;

/** The help texts that list commands. */
final class Overview {

  private Overview() {}

  static String of(List<Group> groups) {
    return "Usage: capataz COMMAND [options]\n\n"
        + groups.stream()
            .map(group -> line(group.name(), group.about()))
            .collect(Collectors.joining())
        + "\n'capataz COMMAND --help' says more.\n";
  }

  static String of(Group group) {
    return "Usage: capataz %s COMMAND [options]\n\n%s\n\n".formatted(group.name(), group.about())
        + group.verbs().stream()
            .map(verb -> line(verb.name(), verb.about().getFirst()))
            .collect(Collectors.joining())
        + "\n'capataz %s COMMAND --help' says more.\n".formatted(group.name());
  }

  private static String line(String name, String about) {
    return "  %-12s %s%n".formatted(name, about);
  }
}
