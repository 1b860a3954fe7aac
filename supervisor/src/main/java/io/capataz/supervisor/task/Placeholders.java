package io.capataz.supervisor.task;

import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Places for arguments in texts: {@code {{label}}}. */
public final class Placeholders {

  private static final Pattern PLACE = Pattern.compile("\\{\\{([^{}]{1,200})}}");

  private Placeholders() {}

  /** The labels that a text names. */
  static List<String> labels(String text) {
    return PLACE.matcher(text).results().map(found -> found.group(1).strip()).toList();
  }

  /**
   * The text with the arguments in their places.
   *
   * @param arguments by the labels of their parameters
   * @param escaped how an argument is written there
   */
  public static String filled(
      String text, Map<String, String> arguments, UnaryOperator<String> escaped) {
    return PLACE
        .matcher(text)
        .replaceAll(
            found ->
                Matcher.quoteReplacement(
                    escaped.apply(arguments.getOrDefault(found.group(1).strip(), ""))));
  }
}
