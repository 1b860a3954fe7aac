package io.capataz.common.command;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/**
 * One command of {@code ./capataz}: which flags it takes, and how it ends. Help and version go to
 * standard output with exit code 0. A wrong flag or value is a sentence on standard error with exit
 * code 2, a start that fails one with exit code 1.
 *
 * <p>Flags are declared as data, not by annotations: the agent is to start quickly, and reflection
 * on a class of options costs more than the whole parsing.
 */
public final class Command {

  /** The command could not start, or could not go on. */
  public static final int FAILED = 1;

  /** A flag or a setting was wrong. */
  public static final int USAGE = 2;

  private static final int HELP_WIDTH = 110;

  private final String name;
  private final List<Flag> flags;
  private final CommandLine parser;

  /** What a command does. It may return while its threads go on. */
  @FunctionalInterface
  public interface Body {
    void run(Settings settings) throws Exception;
  }

  /**
   * @param name as it is typed after {@code ./capataz}
   * @param about what it does, one paragraph for each
   * @param flags its flags, except {@code --help} and {@code --version}
   */
  public Command(String name, List<String> about, List<Flag> flags) {
    this.name = name;
    this.flags = List.copyOf(flags);
    CommandSpec spec = CommandSpec.create().name("./capataz " + name);
    spec.usageMessage()
        .description(about.toArray(String[]::new))
        .width(HELP_WIDTH)
        .sortOptions(false)
        .abbreviateSynopsis(true)
        .descriptionHeading("%n")
        .optionListHeading("%n");
    flags.forEach(flag -> spec.addOption(option(flag)));
    spec.addOption(
        OptionSpec.builder("--help", "-h").usageHelp(true).description("this text").build());
    spec.addOption(
        OptionSpec.builder("--version").versionHelp(true).description("the version").build());
    this.parser = new CommandLine(spec).setExpandAtFiles(false);
  }

  private static OptionSpec option(Flag flag) {
    OptionSpec.Builder option =
        OptionSpec.builder(flag.typed())
            .description(flag.help().replace("%", "%%"))
            .hidden(flag.about().isEmpty());
    if (!flag.takesValue()) {
      return option.type(boolean.class).build();
    }
    return option
        .paramLabel(flag.label())
        .arity("1")
        .type(flag.repeatable() ? String[].class : String.class)
        .build();
  }

  /** Its flags that are shown in the help text. */
  public List<Flag> flags() {
    return flags.stream().filter(flag -> !flag.about().isEmpty()).toList();
  }

  /** Runs it as the whole of a main method; ends the JVM only when it fails. */
  public void main(String[] arguments, Body body) {
    int code = run(List.of(arguments), System.getenv(), System.out, System.err, body);
    if (code != 0) {
      System.exit(code);
    }
  }

  /** Runs it and returns the exit code. */
  int run(
      List<String> arguments,
      Map<String, String> environment,
      PrintStream out,
      PrintStream err,
      Body body) {
    try {
      ParseResult parsed = parser.parseArgs(arguments.toArray(String[]::new));
      if (parsed.isUsageHelpRequested()) {
        parser.usage(out, Ansi.OFF);
      } else if (parsed.isVersionHelpRequested()) {
        out.println("capataz " + version());
      } else {
        body.run(Settings.of(flags, given(parsed), environment));
      }
      return 0;
    } catch (ParameterException e) {
      err.println(WrongArgument.sentence(e) + hint());
      return USAGE;
    } catch (UsageError e) {
      err.println(e.getMessage() + hint());
      return USAGE;
    } catch (StartFailure e) {
      err.println(e.getMessage());
      return FAILED;
    } catch (Exception e) { // Nobody foresaw it, so the person at the terminal gets all of it.
      err.printf("capataz %s failed for a reason it does not know. This is the trace:%n", name);
      e.printStackTrace(err);
      return FAILED;
    }
  }

  /** The settings that arguments and environment give, without running anything. */
  public Settings settings(List<String> arguments, Map<String, String> environment) {
    try {
      return Settings.of(
          flags, given(parser.parseArgs(arguments.toArray(String[]::new))), environment);
    } catch (ParameterException e) {
      throw new UsageError(WrongArgument.sentence(e));
    }
  }

  private Map<String, String> given(ParseResult parsed) {
    Map<String, String> given = new HashMap<>();
    for (Flag flag : flags) {
      if (parsed.hasMatchedOption(flag.typed())) {
        String[] values = parsed.matchedOption(flag.typed()).stringValues().toArray(String[]::new);
        given.put(flag.name(), String.join(",", values));
      }
    }
    return given;
  }

  private String hint() {
    return " See './capataz " + name + " --help'.";
  }

  /** The version of the build. */
  private static String version() {
    try (InputStream text = Command.class.getResourceAsStream("version.txt")) {
      if (text == null) {
        throw new IllegalStateException("The build packs version.txt beside this class.");
      }
      return new String(text.readAllBytes(), StandardCharsets.UTF_8).strip();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
