package io.capataz.supervisor.task;

import io.capataz.common.protocol.WorkOrder.Handling;
import io.capataz.supervisor.web.FieldReader;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** Reads how runs of a task are stopped, and what they may use of their host. */
final class HandlingFields {

  private static final List<String> SIGNALS =
      List.of("SIGTERM", "SIGINT", "SIGQUIT", "SIGHUP", "SIGUSR1", "SIGUSR2");

  private static final String PREFIX = "SIG";

  /** Less would not hold the end of a stack trace. */
  private static final long LEAST_OUTPUT = 64 * 1024;

  private static final long MOST_OUTPUT = 1L << 30;

  /** With less, no program starts. */
  private static final long LEAST_MEMORY = 1L << 20;

  /** More than any host has, and a number that every JSON reader represents exactly. */
  private static final long MOST_MEMORY = 1L << 50;

  private static final int MOST_PROCESSES = 1_000_000;

  private HandlingFields() {}

  /**
   * Reads {@code kill_signal}, {@code kill_mode}, {@code output_limit}, {@code memory_limit} and
   * {@code process_limit}; the limits may also come as {@code limits: {output, memory, processes}}.
   */
  static Handling read(FieldReader fields) {
    var signal = signal(fields);
    var mainFirst = mainFirst(fields);
    var output = new OptionalLong[] {fields.whole("output_limit", LEAST_OUTPUT, MOST_OUTPUT)};
    var memory = new OptionalLong[] {fields.whole("memory_limit", LEAST_MEMORY, MOST_MEMORY)};
    var processes = new OptionalLong[] {fields.whole("process_limit", 1, MOST_PROCESSES)};
    fields.object(
        "limits",
        limits -> {
          either(limits, "output", LEAST_OUTPUT, MOST_OUTPUT, "output_limit", output);
          either(limits, "memory", LEAST_MEMORY, MOST_MEMORY, "memory_limit", memory);
          either(limits, "processes", 1, MOST_PROCESSES, "process_limit", processes);
        });
    return new Handling(
        signal.orElse(Handling.USUAL.signal()),
        mainFirst.orElse(Handling.USUAL.mainFirst()),
        output[0].orElse(Handling.USUAL.output()),
        memory[0].isPresent() ? memory[0].getAsLong() : null,
        processes[0].isPresent() ? (int) processes[0].getAsLong() : null);
  }

  private static void either(
      FieldReader limits, String name, long min, long max, String same, OptionalLong[] found) {
    var limit = limits.whole(name, min, max);
    if (limit.isPresent() && found[0].isPresent()) {
      limits.wrong(name, "conflict", "must not be sent together with " + same + ".");
    } else if (limit.isPresent()) {
      found[0] = limit;
    }
  }

  private static Optional<String> signal(FieldReader fields) {
    return fields
        .text("kill_signal", 20)
        .flatMap(
            said -> {
              var name = said.startsWith(PREFIX) ? said : PREFIX + said;
              if (!SIGNALS.contains(name)) {
                fields.wrong(
                    "kill_signal",
                    "unknown_word",
                    "must be one of " + String.join(", ", SIGNALS) + ".");
                return Optional.empty();
              }
              return Optional.of(name);
            });
  }

  private static Optional<Boolean> mainFirst(FieldReader fields) {
    return fields
        .text("kill_mode", 20)
        .flatMap(
            word ->
                switch (word) {
                  case "all" -> Optional.of(false);
                  case "main_first" -> Optional.of(true);
                  default -> {
                    fields.wrong("kill_mode", "unknown_word", "must be all or main_first.");
                    yield Optional.empty();
                  }
                });
  }
}
