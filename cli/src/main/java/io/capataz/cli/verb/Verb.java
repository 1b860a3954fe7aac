package io.capataz.cli.verb;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * One command: what is typed, what it says about itself, and what it does.
 *
 * @param name its last word
 * @param about what it does, one paragraph for each
 * @param takes its arguments: {@code NAME} is required, {@code [NAME]} optional, {@code NAME...}
 *     one or more, {@code [NAME...]} any number
 * @param options its own options
 * @param examples commands as they are typed
 * @param reach whether it calls a supervisor
 */
public record Verb(
    String name,
    List<String> about,
    List<String> takes,
    List<Option> options,
    List<String> examples,
    Reach reach,
    Body body) {

  private static final List<Option> WHERE =
      List.of(
          Option.of(
              "context", "NAME", "one of the supervisors you are logged in to (CAPATAZ_CONTEXT)"),
          Option.of("url", "URL", "the supervisor (CAPATAZ_URL)"),
          Option.of("organization", "NAME", "whose objects are meant (CAPATAZ_ORGANIZATION)"),
          Option.of(
              "token-file",
              "FILE",
              "a file with the token, - for standard input (CAPATAZ_TOKEN_FILE; CAPATAZ_TOKEN holds"
                  + " the token itself)"));

  private static final Option OUTPUT =
      Option.of("output", "FORMAT", "table, json, yaml or name").letter("o");

  /** Where a command works. */
  public enum Reach {
    /** On this machine alone. */
    LOCAL,
    /** At a supervisor, and it says where by itself. */
    LOGIN,
    /** At a supervisor. */
    SUPERVISOR
  }

  /** What a command does; it returns the exit code. */
  @FunctionalInterface
  public interface Body {
    int run(Call call);
  }

  public Verb {
    about = List.copyOf(about);
    takes = List.copyOf(takes);
    options = List.copyOf(options);
    examples = List.copyOf(examples);
  }

  /** A command that calls a supervisor. */
  public static Verb of(String name, String... about) {
    return new Verb(
        name, List.of(about), List.of(), List.of(), List.of(), Reach.SUPERVISOR, _ -> 0);
  }

  public Verb taking(String... labels) {
    return new Verb(name, about, List.of(labels), options, examples, reach, body);
  }

  public Verb with(Option... more) {
    List<Option> all = new ArrayList<>(options);
    all.addAll(List.of(more));
    return new Verb(name, about, takes, all, examples, reach, body);
  }

  public Verb example(String command) {
    List<String> all = new ArrayList<>(examples);
    all.add(command);
    return new Verb(name, about, takes, options, all, reach, body);
  }

  public Verb reaching(Reach other) {
    return new Verb(name, about, takes, options, examples, other, body);
  }

  public Verb does(Body other) {
    return new Verb(name, about, takes, options, examples, reach, other);
  }

  /** The same under another name. */
  Verb named(String other) {
    return new Verb(other, about, takes, options, examples, reach, body);
  }

  /** Its own options, and those that commands of its reach have in common. */
  List<Option> allOptions() {
    return switch (reach) {
      case LOCAL, LOGIN -> options;
      case SUPERVISOR -> Stream.of(options, List.of(OUTPUT), WHERE).flatMap(List::stream).toList();
    };
  }
}
