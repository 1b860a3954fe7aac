package io.capataz.supervisor.job;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.capataz.common.protocol.WorkOrder.FileArgument;
import io.capataz.supervisor.task.Task;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A validated request for one run.
 *
 * @param arguments complete and in order
 * @param priority higher runs first
 * @param notBefore the earliest start; null: now
 * @param startBy when it expires if not claimed; null: never
 * @param hold whether it waits for a person to release it
 * @param files arguments that are files
 * @param masked the positions of arguments that are secrets although the task does not say so: in
 *     the restart of a job they were, and its task has changed since
 * @param callbackUrl where its end is reported; null: where the task says
 */
public record RunRequest(
    List<String> arguments,
    int priority,
    @Nullable Instant notBefore,
    @Nullable Instant startBy,
    boolean hold,
    @JsonInclude(JsonInclude.Include.NON_EMPTY) List<FileArgument> files,
    @JsonInclude(JsonInclude.Include.NON_EMPTY) List<Integer> masked,
    @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable String callbackUrl) {
  public RunRequest {
    arguments = List.copyOf(arguments);
    files = List.copyOf(files);
    masked = List.copyOf(masked);
  }

  /** The same request, with arguments that are secrets at these positions. */
  public RunRequest masking(List<Integer> positions) {
    return new RunRequest(
        arguments, priority, notBefore, startBy, hold, files, positions, callbackUrl);
  }

  /** The same request, with another place where its end is reported. */
  public RunRequest calling(@Nullable String target) {
    return new RunRequest(arguments, priority, notBefore, startBy, hold, files, masked, target);
  }

  /** The positions of all arguments that are secrets. */
  public List<Integer> maskedFor(Task task) {
    return Stream.concat(task.maskedArguments().stream(), masked.stream())
        .filter(position -> position < arguments.size())
        .distinct()
        .sorted()
        .toList();
  }
}
