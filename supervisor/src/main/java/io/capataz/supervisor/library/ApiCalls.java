package io.capataz.supervisor.library;

import io.capataz.common.protocol.MessageJson;
import io.capataz.supervisor.access.Caller;
import io.capataz.supervisor.job.Cause;
import io.capataz.supervisor.job.Job;
import io.capataz.supervisor.job.RunRequest;
import io.capataz.supervisor.library.ApiTask.Endpoint;
import io.capataz.supervisor.library.ApiTask.Version;
import io.capataz.supervisor.library.CallResults.Result;
import io.capataz.supervisor.run.Submissions;
import io.capataz.supervisor.task.Task;
import io.capataz.supervisor.task.Tasks;
import io.capataz.supervisor.web.ApiProblem;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Starts jobs that run API tasks, and says what came of them. */
@Component
public class ApiCalls {

  /** A parameter of that name takes all arguments as one object; seed 002's system. */
  private static final String WHOLE = "task_args";

  private final ApiTasks all;
  private final Tasks tasks;
  private final Submissions submissions;
  private final CallResults results;

  ApiCalls(ApiTasks all, Tasks tasks, Submissions submissions, CallResults results) {
    this.all = all;
    this.tasks = tasks;
    this.submissions = submissions;
    this.results = results;
  }

  /** Why a task cannot be started by its name. */
  public sealed interface Refusal {
    /** There is no such task, or none that the caller may run. */
    record Unknown() implements Refusal {}

    /** It is not open to callers. */
    record Closed() implements Refusal {}

    /** It needs arguments, and there are none. */
    record NoArguments() implements Refusal {}

    /** Arguments are wrong. */
    record WrongArguments(String detail) implements Refusal {}
  }

  /** A job, or why there is none. */
  public record Started(@Nullable Job job, @Nullable Refusal refusal) {}

  /**
   * Starts an API task that is open to callers, by its name.
   *
   * @param arguments by the names of the parameters
   * @param cause by the task's id
   */
  public Started start(
      Caller.Member caller,
      String library,
      String name,
      ObjectNode arguments,
      Function<String, Cause> cause) {
    var task =
        all.recent(caller.organization(), ApiTasks.idOf(caller.organization(), library, name));
    var version = task.flatMap(it -> it.usualFor(caller));
    if (task.isEmpty() || version.isEmpty()) {
      return new Started(null, new Refusal.Unknown());
    }
    if (!version.get().exposure().apiAccess()) {
      return new Started(null, new Refusal.Closed());
    }
    return start(task.get(), version.get(), arguments, cause);
  }

  private Started start(
      ApiTask task, Version version, ObjectNode arguments, Function<String, Cause> cause) {
    var endpoint = version.definition().endpoint(Endpoint.USUAL);
    var parameters = endpoint.map(Endpoint::parameters).orElse(List.of());
    if (arguments.isEmpty() && parameters.stream().anyMatch(FunctionParameter::required)) {
      return new Started(null, new Refusal.NoArguments());
    }
    var whole = parameters.stream().anyMatch(it -> it.name().equals(WHOLE));
    var given = whole && !arguments.isEmpty() ? wrapped(arguments) : arguments;
    var call = new Call(Optional.empty(), given, ResultFormat.JSON, false, Endpoint.USUAL);
    List<String> texts;
    try {
      texts = call.scriptArguments(task, version);
    } catch (ApiProblem wrong) {
      return new Started(null, new Refusal.WrongArguments(wrong.detail()));
    }
    return new Started(submit(task, version, texts, cause.apply(task.id()), null), null);
  }

  private static ObjectNode wrapped(ObjectNode arguments) {
    var whole = MessageJson.mapper().createObjectNode();
    whole.set(WHOLE, arguments);
    return whole;
  }

  /**
   * Makes the job of a call.
   *
   * @throws ApiProblem 409 if the task was removed or is disabled
   */
  Job submit(
      ApiTask called, Version version, List<String> arguments, Cause cause, @Nullable String once) {
    var task = task(called).running(version.script());
    var request =
        new RunRequest(
            arguments, task.policy().priority(), null, null, false, List.of(), List.of(), null);
    return submissions.submit(task, request, cause, once).job();
  }

  private Task task(ApiTask called) {
    var task =
        tasks
            .runnable(called.organization(), called.task())
            .orElseThrow(
                () ->
                    ApiProblem.conflict(
                        "task_removed",
                        "The task that runs %s was removed. Register it again."
                            .formatted(called.name())));
    if (!task.start().enabled()) {
      throw ApiProblem.conflict(
          "task_disabled", "The task is disabled. An administrator can enable it (enable: true).");
    }
    return task;
  }

  /**
   * What came of a call.
   *
   * @param value what the function returned
   * @param error what it raised, or why it did not run; null: it has returned
   */
  public record Ended(@Nullable JsonNode value, @Nullable String error) {}

  /** What came of a job that has ended. */
  public Ended ended(Job job) {
    return switch (results.of(job).getBody()) {
      case Result result -> new Ended(result.data(), null);
      case Failure failure -> new Ended(null, failure.message());
      case null, default -> new Ended(null, "The result is not JSON.");
    };
  }
}
