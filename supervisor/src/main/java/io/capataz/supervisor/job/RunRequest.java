package io.capataz.supervisor.job;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.capataz.common.protocol.WorkOrder.FileArgument;
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
 * @param files arguments that are files; where there are none they are not written, so that a
 *     request has the digest that it had before there were files
 */
public record RunRequest(
    List<String> arguments,
    int priority,
    @Nullable Instant notBefore,
    @Nullable Instant startBy,
    boolean hold,
    @JsonInclude(JsonInclude.Include.NON_EMPTY) List<FileArgument> files) {
  public RunRequest {
    arguments = List.copyOf(arguments);
    files = List.copyOf(files);
  }
}
