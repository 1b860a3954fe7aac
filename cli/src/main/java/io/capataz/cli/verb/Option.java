package io.capataz.cli.verb;

/**
 * An option of a command.
 *
 * @param name without dashes
 * @param letter its short form; empty: none
 * @param label what stands for its value; empty: it takes none
 * @param about its line in the help text
 * @param repeatable whether it may be given more than once
 */
public record Option(String name, String letter, String label, String about, boolean repeatable) {

  /** An option with a value. */
  public static Option of(String name, String label, String about) {
    return new Option(name, "", label, about, false);
  }

  /** An option that is either given or not. */
  public static Option bare(String name, String about) {
    return new Option(name, "", "", about, false);
  }

  /** The same with a short form. */
  public Option letter(String one) {
    return new Option(name, one, label, about, repeatable);
  }

  /** The same, to be given as often as one likes. */
  public Option repeated() {
    return new Option(name, letter, label, about, true);
  }

  boolean takesValue() {
    return !label.isEmpty();
  }

  String typed() {
    return "--" + name;
  }

  /** As it stands in help texts: {@code -o, --output FORMAT}. */
  String shown() {
    return (letter.isEmpty() ? "" : "-" + letter + ", ")
        + typed()
        + (takesValue() ? " " + label : "");
  }
}
