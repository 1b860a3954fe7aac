package io.capataz.supervisor.parameter;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import java.util.ArrayDeque;
import java.util.Optional;

/**
 * Regular expressions written by members. They are RE2 expressions: no back-references and no
 * look-around, and matching time is linear in the text. The size of a pattern with its repetitions
 * expanded is bounded as well.
 */
public final class Regexp {

  static final int MAX_LENGTH = 1_000;

  /** The maximum length of a text to be matched. */
  static final int MAX_TEXT = 4_000;

  /** The maximum size of a pattern; each instruction may be evaluated once per character. */
  private static final int MAX_SIZE = 2_000;

  private static final java.util.regex.Pattern FLAGS =
      java.util.regex.Pattern.compile("\\?[A-Za-z-]*\\)");

  private Regexp() {}

  /** Why a pattern is invalid, as the end of a sentence; empty if it is valid. */
  public static Optional<String> flaw(String pattern) {
    var tooLarge =
        Optional.of(
            "must not repeat that much: expanded, it must have at most "
                + MAX_SIZE
                + " characters and classes.");
    if (new WrittenOut(pattern).size() > MAX_SIZE) {
      return tooLarge;
    }
    try {
      return Pattern.compile(pattern).programSize() > 4 * MAX_SIZE ? tooLarge : Optional.empty();
    } catch (PatternSyntaxException e) {
      return Optional.of(
          "must be an RE2 regular expression (no look-around, no back-references): "
              + e.getDescription()
              + ".");
    }
  }

  /** Whether a valid pattern matches all of a text. */
  public static boolean matches(String pattern, String text) {
    return Pattern.compile(pattern).matcher(text).matches();
  }

  /** Whether a valid pattern matches somewhere in a text of any length. */
  public static boolean finds(String pattern, String text) {
    return Pattern.compile(pattern).matcher(text).find();
  }

  /** Whether the pattern matches somewhere in the text, or all of it with {@code ^…$}. */
  static boolean isFound(String pattern, String text) {
    return text.length() <= MAX_TEXT && Pattern.compile(pattern).matcher(text).find();
  }

  /**
   * An upper bound of the size of a pattern with its repetitions expanded. It must be known before
   * compilation, because compilation expands them.
   */
  private static final class WrittenOut {

    private final String pattern;
    private int at;

    /** The sizes before each open group, and before the last atom in it. */
    private final ArrayDeque<Double> before = new ArrayDeque<>();

    private double sum;
    private double atom;

    WrittenOut(String pattern) {
      this.pattern = pattern;
    }

    double size() {
      while (at < pattern.length()) {
        var character = pattern.charAt(at++);
        switch (character) {
          case '\\' -> escape();
          case '[' -> {
            charClass();
            next(1);
          }
          case '(' -> group();
          case ')' -> {
            next(0);
            atom = sum;
            sum = before.isEmpty() ? 0 : before.pop();
          }
          case '{' -> repetition();
          case '*', '+', '?' -> atom++;
          default -> next(1);
        }
      }
      next(0);
      return sum + before.stream().mapToDouble(Double::doubleValue).sum();
    }

    private void next(double size) {
      sum += atom;
      atom = size;
    }

    /** {@code \Q…\E} quotes; of {@code \p{Greek}} the braces repeat nothing. */
    private void escape() {
      var escaped = at < pattern.length() ? pattern.charAt(at) : ' ';
      at++;
      if (escaped == 'Q') {
        var end = pattern.indexOf("\\E", at);
        var length = (end < 0 ? pattern.length() : end) - at;
        at = end < 0 ? pattern.length() : end + 2;
        for (var i = 0; i < length; i++) {
          next(1);
        }
        return;
      }
      if ("pPx".indexOf(escaped) >= 0 && at < pattern.length() && pattern.charAt(at) == '{') {
        var end = pattern.indexOf('}', at);
        at = end < 0 ? pattern.length() : end + 1;
      }
      next(1);
    }

    /**
     * Opens one; what only sets flags, as {@code (?i)}, is none, and a repetition passes over it.
     */
    private void group() {
      var flags = FLAGS.matcher(pattern).region(at, pattern.length());
      if (flags.lookingAt()) {
        at = flags.end();
        return;
      }
      next(0);
      before.push(sum);
      sum = 2;
    }

    private void charClass() {
      if (at < pattern.length() && pattern.charAt(at) == '^') {
        at++;
      }
      var first = at;
      while (at < pattern.length() && (pattern.charAt(at) != ']' || at == first)) {
        at += pattern.charAt(at) == '\\' ? 2 : 1;
      }
      at++;
    }

    private void repetition() {
      var end = pattern.indexOf('}', at);
      var counts = end < 0 ? "" : pattern.substring(at, end);
      if (!counts.matches("[0-9]{1,4}(,[0-9]{0,4})?")) {
        next(1);
        return;
      }
      at = end + 1;
      for (var count : counts.split(",", -1)) {
        if (!count.isEmpty() && Integer.parseInt(count) > 1) {
          atom *= Integer.parseInt(count);
        }
      }
    }
  }
}
