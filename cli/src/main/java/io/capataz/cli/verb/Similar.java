package io.capataz.cli.verb;

import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** Finds the word that was probably meant. */
final class Similar {

  private static final int MOST_ERRORS = 2;

  private Similar() {}

  static Optional<String> to(String word, List<String> words) {
    return words.stream()
        .filter(known -> distance(word, known) <= MOST_ERRORS)
        .min(Comparator.comparingInt(known -> distance(word, known)));
  }

  /** How many letters must be changed, added or removed. */
  private static int distance(String a, String b) {
    int[] costs = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      costs[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int diagonal = costs[0];
      costs[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int changed = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        diagonal = costs[j];
        costs[j] = Math.min(changed, 1 + Math.min(costs[j], costs[j - 1]));
      }
    }
    return costs[b.length()];
  }
}
