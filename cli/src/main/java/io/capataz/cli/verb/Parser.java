package io.capataz.cli.verb;

import io.capataz.cli.api.Api;
import io.capataz.cli.context.Access;
import io.capataz.cli.terminal.Terminal;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import picocli.CommandLine;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.ParseResult;

/** Parses the words of one command. */
final class Parser {

  private static final int WIDTH = 100;

  private final Verb verb;
  private final String command;

  Parser(Group group, Verb verb) {
    this.verb = verb;
    this.command = (group.name() + " " + verb.name()).strip();
  }

  /** As it is typed after {@code capataz}. */
  String command() {
    return command;
  }

  /** The command as picocli sees it. */
  static CommandSpec spec(String name, Verb verb) {
    CommandSpec spec = CommandSpec.create().name(name);
    spec.usageMessage()
        .description(verb.about().stream().map(Parser::plain).toArray(String[]::new))
        .width(WIDTH)
        .customSynopsis(plain(String.join(" ", synopsis(name, verb))))
        .sortOptions(false)
        .descriptionHeading("%n")
        .optionListHeading("%nOptions:%n")
        .footerHeading(verb.examples().isEmpty() ? "" : "%nExamples:%n")
        .footer(verb.examples().stream().map(it -> "  " + plain(it)).toArray(String[]::new));
    for (int i = 0; i < verb.takes().size(); i++) {
      spec.addPositional(positional(i, verb.takes().get(i)));
    }
    verb.allOptions().forEach(option -> spec.addOption(option(option)));
    spec.addOption(
        OptionSpec.builder("--help", "-h").usageHelp(true).description("this text").build());
    return spec;
  }

  private static List<String> synopsis(String name, Verb verb) {
    List<String> words = new ArrayList<>(List.of(name));
    words.addAll(verb.takes());
    words.add("[options]");
    return words;
  }

  private static PositionalParamSpec positional(int index, String label) {
    boolean many = label.contains("...");
    boolean needed = !label.startsWith("[");
    String name = label.replace("[", "").replace("]", "").replace("...", "");
    return PositionalParamSpec.builder()
        .index(many ? index + "..*" : Integer.toString(index))
        .paramLabel(name)
        .arity((needed ? "1" : "0") + (many ? "..*" : needed ? "" : "..1"))
        .required(needed)
        .type(String[].class)
        .auxiliaryTypes(String.class)
        .hidden(true)
        .build();
  }

  private static OptionSpec option(Option option) {
    String[] names =
        option.letter().isEmpty()
            ? new String[] {option.typed()}
            : new String[] {"-" + option.letter(), option.typed()};
    OptionSpec.Builder spec = OptionSpec.builder(names).description(plain(option.about()));
    if (!option.takesValue()) {
      return spec.type(boolean.class).build();
    }
    return spec.paramLabel(option.label())
        .arity("1")
        .type(option.repeatable() ? String[].class : String.class)
        .build();
  }

  private static String plain(String text) {
    return text.replace("%", "%%");
  }

  /** What was typed; empty if that was a request for help, which is answered. */
  Optional<Call> read(List<String> words, Terminal terminal, Function<Access, Api> apis) {
    return Words.read(verb, words)
        .or(() -> byPicocli(words, terminal))
        .map(read -> new Call(terminal, read.options(), read.arguments(), apis));
  }

  private Optional<Words.Read> byPicocli(List<String> words, Terminal terminal) {
    CommandLine parser =
        new CommandLine(spec("capataz " + command, verb))
            .setExpandAtFiles(false)
            .setTrimQuotes(false);
    ParseResult parsed = parser.parseArgs(words.toArray(String[]::new));
    if (parsed.isUsageHelpRequested()) {
      terminal.out().print(parser.getUsageMessage(Ansi.OFF));
      return Optional.empty();
    }
    return Optional.of(matched(parsed));
  }

  /** What picocli has read. */
  Words.Read matched(ParseResult parsed) {
    return new Words.Read(options(parsed), arguments(parsed));
  }

  private Map<String, List<String>> options(ParseResult parsed) {
    Map<String, List<String>> options = new HashMap<>();
    for (Option option : verb.allOptions()) {
      if (parsed.hasMatchedOption(option.typed())) {
        options.put(
            option.name(), List.copyOf(parsed.matchedOption(option.typed()).stringValues()));
      }
    }
    return options;
  }

  private List<List<String>> arguments(ParseResult parsed) {
    List<List<String>> arguments = new ArrayList<>();
    for (int i = 0; i < verb.takes().size(); i++) {
      var given = parsed.matchedPositional(i);
      arguments.add(given == null ? List.of() : List.copyOf(given.stringValues()));
    }
    return arguments;
  }
}
