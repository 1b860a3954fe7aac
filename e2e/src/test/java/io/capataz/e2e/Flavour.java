package io.capataz.e2e;

import java.util.List;
import java.util.Map;

/**
 * What a task says about attempts, and so what its jobs may do when something dies.
 *
 * @param name what the tests call it
 * @param fields the fields of such a task
 * @param attempts how often a job of it may be started at the most
 * @param retriesLost whether a lost attempt is followed by another
 * @param serial whether its jobs run one at a time
 */
record Flavour(
    String name, Map<String, Object> fields, int attempts, boolean retriesLost, boolean serial) {

  private static final List<Flavour> ALL =
      List.of(
          new Flavour("plain", Map.of(), 1, false, false),
          new Flavour(
              "retry-failed",
              Map.of("max_attempts", 3, "retry_delay", 1, "on_lost", "fail"),
              3,
              false,
              false),
          new Flavour(
              "retry-lost",
              Map.of("max_attempts", 3, "retry_delay", 1, "on_lost", "retry"),
              3,
              true,
              false),
          new Flavour("serial", Map.of("max_parallel", 1), 1, false, true));

  /** Those that this build knows, unless {@code -Dcapataz.crash.flavours=a,b} says which. */
  static List<Flavour> used() {
    List<String> names =
        List.of(
            System.getProperty("capataz.crash.flavours", "plain,retry-failed,retry-lost,serial")
                .split(","));
    List<Flavour> used = ALL.stream().filter(f -> names.contains(f.name())).toList();
    if (used.size() != names.size()) {
      throw new IllegalArgumentException(
          "There are the flavours %s, not %s."
              .formatted(ALL.stream().map(Flavour::name).toList(), names));
    }
    return used;
  }
}
