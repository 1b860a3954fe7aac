package io.capataz.cli.verb;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Reads words that are as they should be. Whatever is not plainly so is left to picocli, which
 * finds the words for it; loading that for each command would take longer than the command.
 */
final class Words {

  private final Verb verb;
  private final Map<String, List<String>> options = new HashMap<>();
  private final List<String> others = new ArrayList<>();

  private Words(Verb verb) {
    this.verb = verb;
  }

  /**
   * What was typed.
   *
   * @param arguments for each argument of the command, the words for it
   */
  record Read(Map<String, List<String>> options, List<List<String>> arguments) {}

  static Optional<Read> read(Verb verb, List<String> words) {
    Words read = new Words(verb);
    return read.take(words.iterator())
        ? read.arguments().map(it -> new Read(read.options, it))
        : Optional.empty();
  }

  private boolean take(Iterator<String> words) {
    while (words.hasNext()) {
      String word = words.next();
      if (!isOption(word)) {
        others.add(word);
      } else if (!option(word, words)) {
        return false;
      }
    }
    return true;
  }

  /** A dash alone is standard input. */
  private static boolean isOption(String word) {
    return word.startsWith("-") && word.length() > 1;
  }

  private boolean option(String word, Iterator<String> words) {
    int sign = word.startsWith("--") ? word.indexOf('=') : -1;
    String name = sign < 0 ? word : word.substring(0, sign);
    Optional<Option> found =
        verb.allOptions().stream()
            .filter(it -> it.typed().equals(name) || ("-" + it.letter()).equals(name))
            .findFirst();
    if (found.isEmpty()) {
      return false;
    }
    if (!found.get().takesValue()) {
      return sign < 0 && put(found.get(), "true");
    }
    if (sign < 0 && !words.hasNext()) {
      return false;
    }
    String value = sign < 0 ? words.next() : word.substring(sign + 1);
    return !isOption(value) && !value.isEmpty() && put(found.get(), value);
  }

  private boolean put(Option option, String value) {
    List<String> values = options.computeIfAbsent(option.name(), _ -> new ArrayList<>());
    values.add(value);
    return values.size() == 1 || option.repeatable();
  }

  /** The words for each argument, if there are neither too few nor too many. */
  private Optional<List<List<String>>> arguments() {
    List<List<String>> arguments = new ArrayList<>();
    Iterator<String> words = others.iterator();
    for (String label : verb.takes()) {
      List<String> taken = new ArrayList<>();
      boolean many = label.contains("...");
      while (words.hasNext() && (many || taken.isEmpty())) {
        taken.add(words.next());
      }
      if (taken.isEmpty() && !label.startsWith("[")) {
        return Optional.empty();
      }
      arguments.add(taken);
    }
    return words.hasNext() ? Optional.empty() : Optional.of(arguments);
  }
}
