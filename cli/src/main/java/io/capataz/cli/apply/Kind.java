package io.capataz.cli.apply;

import io.capataz.cli.terminal.Failure;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * What can be described by a file, in the order in which it is made: later ones refer to earlier
 * ones.
 */
enum Kind {
  POOL,
  WEBHOOK,
  TASK,
  WORKFLOW,
  SCHEDULE;

  String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  static Kind of(String word, String origin) {
    return Arrays.stream(values())
        .filter(kind -> kind.word().equals(word))
        .findFirst()
        .orElseThrow(
            () ->
                Failure.usage(
                    "%s: kind must be one of %s."
                        .formatted(
                            origin,
                            Arrays.stream(values())
                                .map(Kind::word)
                                .collect(Collectors.joining(", ")))));
  }
}
