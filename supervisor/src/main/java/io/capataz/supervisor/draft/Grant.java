package io.capataz.supervisor.draft;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** What the text of a draft may use beyond its arguments; whoever approves it sees it. */
enum Grant {
  NETWORK,
  FILES,
  PROCESSES;

  String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  static List<String> words() {
    return Arrays.stream(values()).map(Grant::word).toList();
  }

  static Optional<Grant> named(String word) {
    return Arrays.stream(values()).filter(grant -> grant.word().equals(word)).findFirst();
  }
}
