package io.capataz.supervisor.task;

import io.capataz.common.environment.VariableNames;
import io.capataz.supervisor.parameter.Arguments;
import io.capataz.supervisor.web.FieldReader;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The variables a task may set. Names that make a loader, a shell or an interpreter run something
 * else are refused: whoever can set a variable must not be able to change what the script is.
 */
public final class Environment {

  /** Variables that Capataz itself sets. */
  private static final String OURS = "CAPATAZ_";

  /**
   * The maximum size of all values; Linux allows four times as much for arguments and environment.
   */
  private static final int MAX_BYTES_TOGETHER = 512 * 1024;

  private static final int MOST = 200;

  /** Per value, and thus per name. */
  private static final int MOST_CHARACTERS = 100_000;

  private Environment() {}

  /** Reads {@code masked_env}: which of the variables are secrets, by name. */
  static List<String> masked(FieldReader fields, Map<String, String> variables) {
    var names = fields.texts("masked_env", MOST, MOST_CHARACTERS).orElse(List.of());
    for (var i = 0; i < names.size(); i++) {
      if (!variables.containsKey(names.get(i))) {
        fields.wrong("masked_env/" + i, "not_found", "must be the name of a variable in env.");
      }
    }
    return names.stream().distinct().toList();
  }

  private static boolean isRefused(String name) {
    return VariableNames.loadsCode(name) || name.startsWith(OURS);
  }

  /** Why a name is not a valid variable name, if it is not. */
  static Optional<String> checkName(String name) {
    if (!VariableNames.isValid(name)) {
      return Optional.of("must be a valid variable name.");
    }
    return isRefused(name)
        ? Optional.of("must not be set: it can change what runs, not just its input.")
        : Optional.empty();
  }

  /**
   * Reads {@code env}: an object of strings, or a string of {@code NAME=value} lines (seed 004).
   */
  public static Map<String, String> read(FieldReader fields) {
    var variables =
        new LinkedHashMap<String, String>(fields.textMapOrLines("env", MOST, MOST_CHARACTERS));
    variables.forEach(
        (name, value) -> {
          if (!VariableNames.isValid(name)) {
            fields.wrong("env", "invalid_name", "'" + name + "' must be a valid variable name.");
          } else if (isRefused(name)) {
            fields.wrong(
                "env/" + name,
                "refused_name",
                "must not be set: it can change what runs, not just its input.");
          } else if (value.indexOf('\0') >= 0) {
            fields.wrong("env/" + name, "nul_character", "must not contain a NUL character.");
          } else if (Arguments.bytes(name + "=" + value) > Arguments.MAX_BYTES) {
            fields.wrong(
                "env/" + name,
                "too_long",
                "must have at most "
                    + Arguments.MAX_BYTES
                    + " bytes in UTF-8, including its name and '='.");
          }
        });
    var together =
        variables.entrySet().stream().mapToLong(v -> Arguments.bytes(v.getValue())).sum();
    if (together > MAX_BYTES_TOGETHER) {
      fields.wrong(
          "env", "too_long", "must have at most " + MAX_BYTES_TOGETHER + " bytes in total.");
    }
    return variables;
  }
}
