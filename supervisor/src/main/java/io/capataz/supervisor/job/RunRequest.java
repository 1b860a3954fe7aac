package io.capataz.supervisor.job;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a caller asks of one run, checked.
 *
 * @param arguments complete and in order
 * @param priority more is sooner
 * @param notBefore when it may start at the earliest; null: now
 * @param startBy when it expires unless it has been claimed; null: never
 * @param hold whether a person has to release it first
 */
record RunRequest(
    List<String> arguments,
    int priority,
    @Nullable Instant notBefore,
    @Nullable Instant startBy,
    boolean hold) {
  RunRequest {
    arguments = List.copyOf(arguments);
  }
}
