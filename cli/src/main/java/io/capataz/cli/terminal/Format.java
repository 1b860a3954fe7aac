package io.capataz.cli.terminal;

import java.util.Arrays;
import java.util.Locale;

/** The form of data on standard output. */
public enum Format {
  /** Columns for people. */
  TABLE,
  /** What the API answered. */
  JSON,
  /** The same as YAML. */
  YAML,
  /** One word for each object, which other commands accept. */
  NAME;

  /** The format of that name. */
  public static Format named(String word) {
    return Arrays.stream(values())
        .filter(format -> format.word().equals(word))
        .findFirst()
        .orElseThrow(
            () ->
                Failure.usage(
                    "Invalid --output '%s': must be table, json, yaml or name.".formatted(word)));
  }

  /** As it is typed. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }
}
