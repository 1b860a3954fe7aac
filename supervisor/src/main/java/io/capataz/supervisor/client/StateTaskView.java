package io.capataz.supervisor.client;

import io.capataz.common.protocol.MessageJson;
import io.capataz.supervisor.client.SeenTask.Status;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * A task of a client with a token.
 *
 * @param id the same as {@code task_id}
 * @param name for people
 * @param status {@code Starting}, {@code Processing}, {@code Completed}, or {@code Error: } with
 *     what went wrong
 * @param progress 0 to 100
 * @param result what the function returned; after a failure {@code {error}}
 * @param error what went wrong
 * @param message what the script said last that it is doing
 * @param timestamp of this view, UTC
 */
record StateTaskView(
    String taskId,
    String id,
    String name,
    String status,
    int progress,
    @Nullable JsonNode result,
    @Nullable String error,
    @Nullable String message,
    String createdAt,
    String timestamp) {

  static StateTaskView of(SeenTask task, Instant now) {
    var status = task.status();
    var progress = task.progress();
    return new StateTaskView(
        task.task().taskId(),
        task.task().taskId(),
        task.displayName(),
        status == Status.ERROR ? status.word() + ": " + task.error() : status.word(),
        task.percent(),
        result(task),
        task.error(),
        progress == null ? null : progress.message(),
        SeenTask.time(task.task().created()),
        SeenTask.time(now));
  }

  private static @Nullable JsonNode result(SeenTask task) {
    var ended = task.ended();
    if (ended == null) {
      return null;
    }
    return ended.error() == null
        ? ended.value()
        : MessageJson.mapper().createObjectNode().put("error", ended.error());
  }
}
