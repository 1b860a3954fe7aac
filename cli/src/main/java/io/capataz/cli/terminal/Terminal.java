package io.capataz.cli.terminal;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Where a command is called: its streams and its environment.
 *
 * @param out for data
 * @param err for everything said to a person
 * @param terminals which of the streams {@code 0}, {@code 1}, {@code 2} are a terminal, such as
 *     {@code 012}
 */
public record Terminal(
    InputStream in,
    PrintStream out,
    PrintStream err,
    Map<String, String> environment,
    String terminals) {

  private static final int LONGEST_INPUT = 8 * 1024 * 1024;

  public Terminal {
    environment = Map.copyOf(environment);
  }

  /** Says something to a person. */
  public void say(String sentence) {
    err.println(clean(sentence));
  }

  /** A variable that is set and not blank. */
  public Optional<String> variable(String name) {
    return Optional.ofNullable(environment.get(name)).filter(value -> !value.isBlank());
  }

  public boolean inIsTerminal() {
    return terminals.contains("0");
  }

  /** Whether data may be coloured. */
  public boolean colored() {
    return terminals.contains("1") && plainIsNotAskedFor();
  }

  /** Whether a line may be written over to show progress. */
  public boolean showsProgress() {
    return terminals.contains("2") && !"dumb".equals(environment.get("TERM"));
  }

  private boolean plainIsNotAskedFor() {
    @Nullable String noColor = environment.get("NO_COLOR");
    return (noColor == null || noColor.isEmpty()) && !"dumb".equals(environment.get("TERM"));
  }

  /** Shows progress in one line that the next one replaces; empty: removes it. */
  public void progress(String line) {
    if (showsProgress()) {
      err.print("\r\u001b[K" + clean(line));
      err.flush();
    }
  }

  /** All of standard input. */
  public String readAll() {
    try {
      byte[] bytes = in.readNBytes(LONGEST_INPUT + 1);
      if (bytes.length > LONGEST_INPUT) {
        throw Failure.usage("Standard input has more than 8 MiB.");
      }
      return new String(bytes, StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new Failure(ExitCode.FAILED, "Standard input cannot be read: " + e.getMessage() + ".");
    }
  }

  /**
   * Text that does nothing to a terminal: control characters, except line ends, become {@code ?}.
   */
  public static String clean(String text) {
    var clean = new StringBuilder(text.length());
    text.codePoints()
        .map(c -> c == '\n' || c == '\t' || !Character.isISOControl(c) ? c : '?')
        .forEach(clean::appendCodePoint);
    return clean.toString();
  }
}
