package io.capataz.supervisor.client;

import java.time.Instant;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * A task that was started without a token.
 *
 * @param status {@code Starting}, {@code Processing}, {@code Completed} or {@code Error}
 * @param progress 0 to 100
 * @param result what the function returned
 * @param error what went wrong
 * @param message what the script said last that it is doing
 * @param timestamp of this view, UTC
 */
record DirectTaskView(
    String taskId,
    String status,
    int progress,
    @Nullable JsonNode result,
    @Nullable String error,
    @Nullable String message,
    String timestamp) {

  static DirectTaskView of(SeenTask task, Instant now) {
    var ended = task.ended();
    var progress = task.progress();
    return new DirectTaskView(
        task.task().taskId(),
        task.status().word(),
        task.percent(),
        ended == null ? null : ended.value(),
        task.error(),
        progress == null ? null : progress.message(),
        SeenTask.time(now));
  }
}
