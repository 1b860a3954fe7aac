package io.capataz.standalone.demo;

import java.io.Console;
import java.io.PrintStream;
import java.time.Duration;
import java.util.Map;

/** Where the demo talks: numbered headlines, facts below them, and lines that come from scripts. */
final class Terminal {

  private static final String BOLD = "\033[1m";
  private static final String DIM = "\033[2m";
  private static final String RED = "\033[31m";
  private static final String GREEN = "\033[32m";
  private static final String RESET = "\033[0m";

  private final PrintStream out;
  private final boolean colours;
  private final long begun = System.nanoTime();
  private int headlines;

  Terminal(PrintStream out, boolean colours) {
    this.out = out;
    this.colours = colours;
  }

  /** Colours are for people: only on a terminal, and not when NO_COLOR is set (no-color.org). */
  static boolean wantsColours(Map<String, String> environment, boolean terminal) {
    return terminal
        && environment.getOrDefault("NO_COLOR", "").isEmpty()
        && !environment.getOrDefault("TERM", "dumb").equals("dumb");
  }

  // JDK 25 has its old console back, which is null again where input or output is no terminal.
  @SuppressWarnings("SystemConsoleNull")
  static Terminal standard() {
    Console console = System.console();
    return new Terminal(
        System.out, wantsColours(System.getenv(), console != null && console.isTerminal()));
  }

  void headline(String text) {
    headlines++;
    out.printf("%n%s %s%n", paint(DIM, seconds(elapsed())), paint(BOLD, headlines + ". " + text));
  }

  void fact(String name, Object value) {
    out.printf("%8s %s %s%n", "", paint(DIM, "%-13s".formatted(name)), value);
  }

  /** A line of a script's output, with the time since the script began. */
  void output(String stream, double after, String line) {
    String head = "%8s %6.2f s %s │ ".formatted("", after, stream);
    out.printf("%s%s%n", paint(DIM, head), stream.equals("stderr") ? paint(RED, line) : line);
  }

  void good(String text) {
    out.printf("%n%s %s%n", paint(DIM, seconds(elapsed())), paint(GREEN, text));
  }

  /** What the supervisor and the agent said themselves; shown when something went wrong. */
  void quote(String line) {
    out.printf("%8s %s%n", "", paint(DIM, "| " + line));
  }

  Duration elapsed() {
    return Duration.ofNanos(System.nanoTime() - begun);
  }

  private static String seconds(Duration duration) {
    return "%6.2f s".formatted(duration.toMillis() / 1000.0);
  }

  private String paint(String colour, String text) {
    return colours ? colour + text + RESET : text;
  }
}
