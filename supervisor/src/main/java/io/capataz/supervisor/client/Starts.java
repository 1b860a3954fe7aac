package io.capataz.supervisor.client;

import io.capataz.supervisor.access.Caller;
import io.capataz.supervisor.job.Cause;
import io.capataz.supervisor.library.ApiCalls;
import io.capataz.supervisor.library.ApiCalls.Ended;
import io.capataz.supervisor.library.ApiCalls.Refusal;
import io.capataz.supervisor.web.ApiProblem;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.NullNode;
import tools.jackson.databind.node.ObjectNode;

/** Starts clients' tasks and finds them again; refusals have the words of seed 002's system. */
@Component
class Starts {

  private final ApiCalls calls;
  private final ClientTasks tasks;
  private final SeenTasks seen;

  Starts(ApiCalls calls, ClientTasks tasks, SeenTasks seen) {
    this.calls = calls;
    this.tasks = tasks;
    this.seen = seen;
  }

  /**
   * What is to be started.
   *
   * @param scope see {@link ClientTask}
   * @param cause by the id of the API task
   */
  record Order(
      Caller.Member caller,
      String library,
      String function,
      String scope,
      Function<String, Cause> cause) {}

  /**
   * The answer to a start.
   *
   * @param taskId eight hexadecimal digits, by which the task is followed
   */
  record StartedView(String taskId) {}

  /**
   * Starts a task.
   *
   * @throws ApiProblem 404 if there is none, 400 if it is not open or its arguments are wrong
   */
  StartedView start(Order order, ObjectNode arguments) {
    var started =
        calls.start(order.caller(), order.library(), order.function(), arguments, order.cause());
    var job = started.job();
    if (job == null) {
      throw refused(started.refusal(), order.function());
    }
    return new StartedView(tasks.add(job, order.scope()).taskId());
  }

  private static ApiProblem refused(@Nullable Refusal refusal, String name) {
    return switch (refusal) {
      case null -> notFound(name);
      case Refusal.Unknown() -> notFound(name);
      case Refusal.Closed() ->
          ApiProblem.badRequest(
              "not_opened",
              "Task %s is not open to callers. Register it with apiAccess=True.".formatted(name));
      case Refusal.NoArguments() ->
          ApiProblem.badRequest(
              "arguments_required",
              "Parameters are required for input model 'task_args' but none were provided.");
      case Refusal.WrongArguments(String detail) ->
          ApiProblem.badRequest(
              "invalid_arguments", "Invalid parameters for input model: " + detail);
    };
  }

  static ApiProblem notFound(String task) {
    return ApiProblem.notFound("unknown_task", "Task %s not found".formatted(task));
  }

  /**
   * A task that was started.
   *
   * @throws ApiProblem 404 if there is none
   */
  SeenTask found(String scope, String taskId) {
    return find(scope, taskId).orElseThrow(() -> notFound(taskId));
  }

  Optional<SeenTask> find(String scope, String taskId) {
    return tasks.find(scope, taskId).flatMap(seen::of);
  }

  /**
   * What a task has returned.
   *
   * @throws ApiProblem 404 if there is none, 400 if it has not returned anything
   */
  JsonNode result(String scope, String taskId) {
    var task = found(scope, taskId);
    var ended = task.ended();
    if (ended == null || ended.error() != null) {
      throw ApiProblem.badRequest(
          "not_completed",
          "Task %s not completed. Current status: %s".formatted(taskId, task.status().word()));
    }
    return value(ended);
  }

  static JsonNode value(Ended ended) {
    var value = ended.value();
    return value == null ? NullNode.instance : value;
  }
}
