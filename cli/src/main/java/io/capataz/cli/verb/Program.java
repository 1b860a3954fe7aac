package io.capataz.cli.verb;

import io.capataz.cli.api.Api;
import io.capataz.cli.context.Access;
import io.capataz.cli.terminal.ExitCode;
import io.capataz.cli.terminal.Failure;
import io.capataz.cli.terminal.Terminal;
import io.capataz.common.command.StartFailure;
import io.capataz.common.command.WrongArgument;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;
import picocli.CommandLine.ParameterException;

/**
 * The whole command line: finds the command that was typed, and runs it. Only that one is prepared
 * for parsing, because a command that lists something should not take longer than the list.
 */
public final class Program {

  private final List<Group> groups;
  private final Function<Access, Api> apis;

  /**
   * @param groups in the order of the help text
   * @param apis calls of a supervisor
   */
  public Program(List<Group> groups, Function<Access, Api> apis) {
    this.groups = List.copyOf(groups);
    this.apis = apis;
  }

  /** The commands. */
  List<Group> groups() {
    return groups;
  }

  /** Runs a command and returns its exit code. */
  public int run(List<String> words, Terminal terminal) {
    int code;
    try {
      code = started(words, terminal);
    } catch (Failure e) {
      terminal.progress("");
      terminal.say(e.sentences());
      code = e.code();
    } catch (StartFailure e) {
      terminal.say(String.valueOf(e.getMessage()));
      code = ExitCode.FAILED;
    }
    terminal.out().flush();
    terminal.err().flush();
    return code;
  }

  private int started(List<String> words, Terminal terminal) {
    if (words.isEmpty() || asksForHelp(words.getFirst())) {
      terminal.out().print(Overview.of(groups));
      return ExitCode.OK;
    }
    String word = words.getFirst();
    Group group = found(word, groups.stream(), Group::name, "");
    List<String> rest = words.subList(1, words.size());
    if (group.isAlone()) {
      return parsed(group, group.verbs().getFirst(), rest, terminal);
    }
    if (rest.isEmpty() || asksForHelp(rest.getFirst())) {
      terminal.out().print(Overview.of(group));
      return rest.isEmpty() ? ExitCode.USAGE : ExitCode.OK;
    }
    Verb verb = found(rest.getFirst(), group.verbs().stream(), Verb::name, word + " ");
    return parsed(group, verb, rest.subList(1, rest.size()), terminal);
  }

  private static boolean asksForHelp(String word) {
    return word.equals("--help") || word.equals("-h") || word.equals("help");
  }

  private static <T> T found(String word, Stream<T> all, Function<T, String> name, String before) {
    List<T> known = all.toList();
    Optional<T> found = known.stream().filter(it -> name.apply(it).equals(word)).findFirst();
    if (found.isPresent()) {
      return found.get();
    }
    String similar =
        Similar.to(word, known.stream().map(name).toList())
            .map(it -> " Did you mean '%s%s'?".formatted(before, it))
            .orElse("");
    throw Failure.usage(
        "Unknown command: '%s%s'.%s See 'capataz %s--help'."
            .formatted(before, word, similar, before));
  }

  private int parsed(Group group, Verb verb, List<String> words, Terminal terminal) {
    Parser parser = new Parser(group, verb);
    try {
      return parser
          .read(words, terminal, apis)
          .map(call -> verb.body().run(call))
          .orElse(ExitCode.OK);
    } catch (ParameterException e) {
      throw Failure.usage(
          "%s See 'capataz %s --help'.".formatted(WrongArgument.sentence(e), parser.command()));
    }
  }
}
