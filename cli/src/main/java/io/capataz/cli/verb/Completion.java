package io.capataz.cli.verb;

import io.capataz.cli.terminal.ExitCode;
import io.capataz.cli.terminal.Failure;
import java.util.List;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;

/** Prints what a shell needs to complete commands. */
public final class Completion {

  private Completion() {}

  /**
   * The command that prints it.
   *
   * @param others all other commands
   */
  public static Group group(List<Group> others) {
    return Group.alone(
        Verb.of(
                "completion",
                "Prints the completion of commands and options for a shell: bash, zsh or fish.")
            .taking("SHELL")
            .example("source <(capataz completion bash)")
            .example("capataz completion fish > ~/.config/fish/completions/capataz.fish")
            .reaching(Verb.Reach.LOCAL)
            .does(
                call -> {
                  call.terminal().out().print(script(call.argument(0), others));
                  return ExitCode.OK;
                }));
  }

  private static String script(String shell, List<Group> groups) {
    return switch (shell) {
      // The script of picocli switches zsh into the mode of bash by itself.
      case "bash", "zsh" -> AutoComplete.bash("capataz", new CommandLine(tree(groups)));
      case "fish" -> fish(groups);
      default -> throw Failure.usage("Unknown shell '%s': bash, zsh or fish.".formatted(shell));
    };
  }

  private static CommandSpec tree(List<Group> groups) {
    CommandSpec root = CommandSpec.create().name("capataz");
    for (Group group : groups) {
      if (group.isAlone()) {
        root.addSubcommand(group.name(), Parser.spec(group.name(), group.verbs().getFirst()));
        continue;
      }
      CommandSpec spec = CommandSpec.create().name(group.name());
      group
          .verbs()
          .forEach(verb -> spec.addSubcommand(verb.name(), Parser.spec(verb.name(), verb)));
      root.addSubcommand(group.name(), spec);
    }
    return root;
  }

  private static String fish(List<Group> groups) {
    StringBuilder script = new StringBuilder("complete -c capataz -f\n");
    for (Group group : groups) {
      line(script, "__fish_use_subcommand", "-a " + group.name(), group.about());
      String within = "__fish_seen_subcommand_from " + group.name();
      if (group.isAlone()) {
        options(script, within, group.verbs().getFirst());
        continue;
      }
      String names = String.join(" ", group.verbs().stream().map(Verb::name).toList());
      for (Verb verb : group.verbs()) {
        line(
            script,
            within + "; and not __fish_seen_subcommand_from " + names,
            "-a " + verb.name(),
            verb.about().getFirst());
        options(script, within + "; and __fish_seen_subcommand_from " + verb.name(), verb);
      }
    }
    return script.toString();
  }

  private static void options(StringBuilder script, String when, Verb verb) {
    for (Option option : verb.allOptions()) {
      String letter = option.letter().isEmpty() ? "" : " -s " + option.letter();
      String value = option.takesValue() ? " -r" : "";
      line(script, when, "-l " + option.name() + letter + value, option.about());
    }
  }

  private static void line(StringBuilder script, String when, String what, String about) {
    script.append(
        "complete -c capataz -n '%s' %s -d '%s'%n"
            .formatted(when, what, about.replace("\\", "\\\\").replace("'", "\\'")));
  }
}
