package io.capataz.cli.verb;

import io.capataz.cli.api.Api;
import io.capataz.cli.context.Access;
import io.capataz.cli.context.Given;
import io.capataz.cli.terminal.Failure;
import io.capataz.cli.terminal.Format;
import io.capataz.cli.terminal.Printer;
import io.capataz.cli.terminal.Terminal;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/** One call of a command: what was typed, and where. */
public final class Call {

  private final Terminal terminal;
  private final Map<String, List<String>> options;
  private final List<List<String>> arguments;
  private final Function<Access, Api> apis;

  Call(
      Terminal terminal,
      Map<String, List<String>> options,
      List<List<String>> arguments,
      Function<Access, Api> apis) {
    this.terminal = terminal;
    this.options = Map.copyOf(options);
    this.arguments = List.copyOf(arguments);
    this.apis = apis;
  }

  public Terminal terminal() {
    return terminal;
  }

  /** The first word given for the argument at a position. */
  public String argument(int position) {
    return arguments.get(position).getFirst();
  }

  /** All words given for the argument at a position. */
  public List<String> arguments(int position) {
    return position < arguments.size() ? arguments.get(position) : List.of();
  }

  /** Whether an option was given. */
  public boolean has(String name) {
    return options.containsKey(name);
  }

  /** The value of an option. */
  public Optional<String> option(String name) {
    return all(name).stream().findFirst();
  }

  /** All values of an option. */
  public List<String> all(String name) {
    return options.getOrDefault(name, List.of());
  }

  /** An option that is a number. */
  public int number(String name, int least, int most, int usual) {
    Optional<String> text = option(name);
    if (text.isEmpty()) {
      return usual;
    }
    try {
      int number = Integer.parseInt(text.get());
      if (number >= least && number <= most) {
        return number;
      }
    } catch (NumberFormatException e) {
      // The sentence below names the bounds.
    }
    throw Failure.usage(
        "Invalid --%s '%s': must be a number from %d to %d."
            .formatted(name, text.get(), least, most));
  }

  /** Where the options and the environment say that it goes. */
  public Given given() {
    return new Given(option("context"), option("url"), option("organization"), option("token-file"))
        .or(terminal);
  }

  /** The supervisor that is meant, with its organization. */
  public Api api() {
    Access access = given().access(terminal);
    return apis.apply(
        access.organization().isEmpty() ? access.in(ownOrganization(access)) : access);
  }

  /** The supervisor at an address that was not kept yet. */
  public Api api(Access access) {
    return apis.apply(access);
  }

  /** The organization that the token belongs to. */
  private String ownOrganization(Access access) {
    return apis.apply(access)
        .call("GET", "/session", null, Map.of())
        .at("/organization/id")
        .asString("");
  }

  public Format format() {
    return option("output").map(Format::named).orElse(Format.TABLE);
  }

  public Printer printer() {
    return new Printer(terminal, format());
  }
}
