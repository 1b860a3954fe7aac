package io.capataz.helm;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Values files by what they are about: one folder for each choice, one file in it for each way to
 * choose. What is wrong with a combination is nearly always wrong with two of its files, so every
 * two stand together in one of the combinations.
 */
final class Facets {

  private static final Path FOLDER = Path.of("src/test/resources/facets");

  private Facets() {}

  /**
   * Combinations of one file from each folder, in which each two files of different folders occur
   * together.
   */
  static List<List<Path>> pairwise() {
    var kept = new ArrayList<List<Path>>();
    var seen = new HashSet<Set<Path>>();
    for (var combination : product(folders())) {
      if (seen.addAll(pairsOf(combination))) {
        kept.add(combination);
      }
    }
    return kept;
  }

  private static List<Path> folders() {
    try (Stream<Path> folders = Files.list(FOLDER)) {
      return folders.sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Neighbours differ in many files, so that few of them cover all pairs. */
  private static List<List<Path>> product(List<Path> folders) {
    var choices = folders.stream().map(Chart::yamlIn).toList();
    int count = choices.stream().mapToInt(List::size).reduce(1, Math::multiplyExact);
    var all = new ArrayList<List<Path>>();
    for (int i = 0; i < count; i++) {
      // Odd and no multiple of 3, hence coprime to the count, which is a product of small numbers.
      all.add(combination(choices, (int) (i * 1_234_567L % count)));
    }
    return all;
  }

  private static List<Path> combination(List<List<Path>> choices, int number) {
    var chosen = new ArrayList<Path>();
    for (var choice : choices) {
      chosen.add(choice.get(number % choice.size()));
      number /= choice.size();
    }
    return chosen;
  }

  private static Set<Set<Path>> pairsOf(List<Path> combination) {
    var pairs = new HashSet<Set<Path>>();
    for (var a : combination) {
      for (var b : combination) {
        if (!a.equals(b)) {
          pairs.add(Set.of(a, b));
        }
      }
    }
    return pairs;
  }
}
