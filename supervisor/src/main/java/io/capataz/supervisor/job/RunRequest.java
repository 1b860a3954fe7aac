package io.capataz.supervisor.job;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.capataz.common.protocol.WorkOrder.FileArgument;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A validated request for one run.
 *
 * @param arguments complete and in order
 * @param priority higher runs first
 * @param notBefore the earliest start; null: now
 * @param startBy when it expires if not claimed; null: never
 * @param hold whether it waits for a person to release it
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
