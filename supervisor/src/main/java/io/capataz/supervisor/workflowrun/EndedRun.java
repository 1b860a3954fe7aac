package io.capataz.supervisor.workflowrun;

import io.capataz.supervisor.job.Job.User;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A run of a workflow that has come to its end.
 *
 * @param state {@code success}, {@code failure}, {@code timeout} or {@code canceled}
 * @param output of the step that ended last
 * @param by who asked for it, for the history
 * @param user who that was; null: not known
 * @param events how many events led to it, one after the other
 */
public record EndedRun(
    String organization,
    String workflow,
    String id,
    String state,
    List<String> output,
    String by,
    @Nullable User user,
    int events,
    Instant at) {
  public EndedRun {
    output = List.copyOf(output);
  }
}
