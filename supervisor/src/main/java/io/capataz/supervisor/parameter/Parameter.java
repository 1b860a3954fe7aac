package io.capataz.supervisor.parameter;

import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a task declares that a job may be given; {@code task_arguments} of seed 004.
 *
 * @param kind what values it takes, and from whom
 * @param order its place among the arguments, from 0
 * @param label what people call it
 * @param value of a {@link Kind#FIXED} one its value; of others what is taken where the caller says
 *     nothing
 * @param required whether a caller must give a value that is not empty
 * @param masked whether its value is a secret
 * @param help what people are told who fill it in
 * @param rules what a value must keep to
 */
public record Parameter(
    Kind kind,
    int order,
    String label,
    @Nullable String value,
    boolean required,
    boolean masked,
    @Nullable String help,
    Rules rules) {

  /** Shown instead of a masked value of a parameter or a variable. */
  public static final String MASK = "********";

  /** A string that the task passes to its script, without further rules. */
  static Parameter fixed(int order, String value) {
    return new Parameter(
        Kind.FIXED, order, "argument " + order, value, false, false, null, Rules.NONE);
  }

  /** Values by name, with those of the masked names replaced by a mask. */
  public static Map<String, String> masked(Map<String, String> values, List<String> names) {
    var shown = new HashMap<>(values);
    names.forEach(name -> shown.replace(name, MASK));
    return shown;
  }

  /** The same parameter with a different value or default. */
  public Parameter valued(@Nullable String other) {
    return new Parameter(kind, order, label, other, required, masked, help, rules);
  }

  /** The same parameter, but it may be left out. */
  public Parameter optional() {
    return new Parameter(kind, order, label, value, false, masked, help, rules);
  }

  /** Whether a job needs a value for it. */
  boolean mustBeGiven() {
    return required && kind != Kind.FIXED && value == null;
  }

  /** The kinds of parameters. */
  public enum Kind {
    /** Fixed: its value is the task's, always the same. */
    FIXED,
    /** A string. */
    INPUT,
    /** A string with several lines. */
    TEXTAREA,
    /** One or several of the options. */
    SELECT,
    /** A date or an instant. */
    DATE,
    /** A file: the script receives its path on the host. */
    FILE,
    /** True or false. */
    BOOLEAN,
    /** A number. */
    NUMBER,
    /** Any JSON, which the script receives as a string. */
    JSON,
    /** An e-mail address. */
    EMAIL,
    /** A string that matches the pattern. */
    REGEXP,
    /** A value that a form offers from a list on another server. */
    REMOTE_OPTIONS;

    /** Its name on the wire. */
    String wire() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** The kind with that name; {@code text} is an alias of {@code input}. */
    static Optional<Kind> named(String word) {
      if (word.equals("text")) {
        return Optional.of(INPUT);
      }
      return List.of(values()).stream()
          .filter(kind -> kind.wire().equals(word.replace('_', '-')))
          .findFirst();
    }

    /** Whether its values are chosen from a list, and can be several. */
    boolean isChoice() {
      return this == SELECT || this == REMOTE_OPTIONS;
    }

    /** Whether its values have a minimum and a maximum. */
    boolean isOrdered() {
      return this == NUMBER || this == DATE;
    }

    /** Whether rules for length, characters and pattern apply. */
    boolean isText() {
      return switch (this) {
        case INPUT, TEXTAREA, NUMBER, EMAIL, REGEXP -> true;
        case FIXED, SELECT, DATE, FILE, BOOLEAN, JSON, REMOTE_OPTIONS -> false;
      };
    }
  }

  /**
   * The rules for a value. Which of them apply depends on the parameter's kind.
   *
   * @param readonly whether no other value than the default is taken
   * @param multiple whether several options may be chosen
   * @param options those of a {@link Kind#SELECT}, by their order
   * @param charsMin the fewest characters; null: no matter
   * @param charsMax the most characters; null: no matter
   * @param charset which characters
   * @param pattern a regular expression that must be found in it; null: none
   * @param min the least number or date; null: no matter
   * @param max the greatest; null: no matter
   * @param remote where a form finds the options of {@link Kind#REMOTE_OPTIONS}; null: nowhere
   */
  record Rules(
      boolean readonly,
      boolean multiple,
      List<Option> options,
      @Nullable Integer charsMin,
      @Nullable Integer charsMax,
      Charset charset,
      @Nullable String pattern,
      @Nullable String min,
      @Nullable String max,
      @Nullable Remote remote) {

    /** No restrictions. */
    static final Rules NONE =
        new Rules(false, false, List.of(), null, null, Charset.ALL, null, null, null, null);

    Rules {
      options = List.copyOf(options);
    }
  }

  /**
   * An option to choose.
   *
   * @param id the value
   * @param label shown to people
   */
  record Option(String id, String label, int order) {}

  /** The characters a string may contain. */
  enum Charset {
    ALL,
    /** Letters A to Z. */
    ALPHA,
    /** Digits. */
    NUM,
    /** Letters A to Z and digits. */
    ALNUM;

    boolean has(int character) {
      var letter = (character | 0x20) >= 'a' && (character | 0x20) <= 'z';
      var digit = character >= '0' && character <= '9';
      return switch (this) {
        case ALL -> true;
        case ALPHA -> letter;
        case NUM -> digit;
        case ALNUM -> letter || digit;
      };
    }

    String wire() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /**
   * Where a form loads options. Only forms use it: this server never calls it.
   *
   * @param endpointUrl answers a list of objects
   * @param idAttribute which of their properties is the value
   * @param textAttribute which is shown
   */
  record Remote(String endpointUrl, @Nullable String idAttribute, @Nullable String textAttribute) {}
}
