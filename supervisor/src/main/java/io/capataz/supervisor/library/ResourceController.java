package io.capataz.supervisor.library;

import io.capataz.common.protocol.MessageJson;
import io.capataz.supervisor.access.Allow;
import io.capataz.supervisor.access.Caller;
import io.capataz.supervisor.access.Role;
import io.capataz.supervisor.access.Scope;
import io.capataz.supervisor.job.Job;
import io.capataz.supervisor.job.JobEnds;
import io.capataz.supervisor.job.Jobs;
import io.capataz.supervisor.library.CallResults.Result;
import io.capataz.supervisor.web.Accepts;
import io.capataz.supervisor.web.ApiInput;
import io.capataz.supervisor.web.ApiProblem;
import io.capataz.supervisor.web.FieldReader;
import io.capataz.supervisor.web.LargeBody;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RestController;

/** Calling API tasks over HTTP, and waiting for what they return; seed 000. */
@RestController
class ResourceController {

  /** How long a call waits; the job continues. */
  private static final Duration LONGEST = Duration.ofMinutes(10);

  private final ApiTasks all;
  private final ApiCalls calls;
  private final Jobs jobs;
  private final JobEnds ends;
  private final CallResults results;

  ResourceController(ApiTasks all, ApiCalls calls, Jobs jobs, JobEnds ends, CallResults results) {
    this.all = all;
    this.calls = calls;
    this.jobs = jobs;
    this.ends = ends;
    this.results = results;
  }

  /**
   * {@code POST /resource} (seed 000): runs an API task that is open to callers, waits for its end
   * and returns what the function returned, {@code {status, data, dataFormat}}. The token may also
   * be in {@code ?token=JWT}.
   *
   * <p>Fields: {@code id}; and, each optional, {@code version arguments resourceType outputFormat
   * isDeploy endpoint}, with {@code returnType} as an alias of {@code outputFormat}. With {@code
   * arrow} the response is an Arrow IPC stream. With {@code isDeploy}, the response is the job and
   * where its result will be. 403 if no version was promoted or it is not open, 404 if there is no
   * such version or endpoint, 408 after ten minutes, 409 if the task is disabled, 422 if the
   * function raised an exception or did not run.
   */
  @PostMapping("/resource")
  @Accepts(query = "token")
  @Allow(role = Role.USER, scope = Scope.TASK_RUN, tokenIn = "token")
  @LargeBody
  ResponseEntity<?> call(
      @RequestHeader(name = "Idempotency-Key", required = false) @Nullable String once,
      ApiInput input,
      Caller.Member caller)
      throws InterruptedException {
    var fields = FieldReader.of(input.object());
    var id = fields.requiredText("id", 100);
    return run(id, Call.read(fields), true, caller, once);
  }

  /**
   * {@code POST /library/{id}/run}: runs an API task like {@code POST /resource}, whether or not it
   * is open to callers of that route; for people who work with its library. 403, 404, 408, 409 and
   * 422 as there.
   */
  @PostMapping("/library/{id:[0-9a-f-]{36}}/run")
  @Allow(role = Role.USER, scope = Scope.TASK_RUN)
  @LargeBody
  ResponseEntity<?> run(
      @PathVariable String id,
      @RequestHeader(name = "Idempotency-Key", required = false) @Nullable String once,
      ApiInput input,
      Caller.Member caller)
      throws InterruptedException {
    return run(id, Call.read(FieldReader.of(input.object())), false, caller, once);
  }

  /**
   * {@code GET /resource/job/{id}}: waits for the end of a job that ran an API task, at most ten
   * minutes, and returns its result as {@code POST /resource} does. 408 if it has not ended, 422 if
   * it failed.
   */
  @GetMapping("/resource/job/{id}")
  @Accepts(query = "token")
  @Allow(role = Role.USER, scope = Scope.TASK_RUN, tokenIn = "token")
  ResponseEntity<?> result(@PathVariable String id, Caller.Member caller)
      throws InterruptedException {
    return ended(found(caller, id), caller);
  }

  private ResponseEntity<?> run(
      String id, Call call, boolean fromOutside, Caller.Member caller, @Nullable String once)
      throws InterruptedException {
    var called = all.recent(caller.organization(), id).orElseThrow(Libraries::noSuchTask);
    var version = Libraries.versionFor(caller, called, call.version());
    checkOpen(called, version, call, fromOutside);
    var arguments = call.scriptArguments(called, version);
    var job = calls.submit(called, version, arguments, ApiOrigin.of(called, caller), once);
    return call.deploy() ? ResponseEntity.ok(handle(job)) : ended(job, caller);
  }

  private static void checkOpen(
      ApiTask task, ApiTask.Version version, Call call, boolean fromOutside) {
    var exposure = version.exposure();
    if (fromOutside && !exposure.apiAccess()) {
      throw ApiProblem.forbidden(
          "not_opened",
          "Version %s of the task %s is not open to callers. Register it with apiAccess=True."
              .formatted(version.versionNumber(), task.name()));
    }
    if (call.deploy() && !exposure.deployable()) {
      throw ApiProblem.forbidden(
          "not_deployable",
          "Version %s of the task %s cannot be deployed. Register it with deployable=True, or leave isDeploy out."
              .formatted(version.versionNumber(), task.name()));
    }
  }

  private static Result handle(Job job) {
    return Result.of(
        MessageJson.mapper()
            .createObjectNode()
            .put("job", job.id())
            .put("result", "/resource/job/" + job.id()));
  }

  private ResponseEntity<?> ended(Job job, Caller.Member caller) throws InterruptedException {
    var ended = ends.await(job, () -> found(caller, job.id()), LONGEST);
    if (!ended.state().isFinal()) {
      throw ApiProblem.timedOut(
          "The job has not ended within ten minutes. It continues; GET /resource/job/"
              + job.id()
              + " waits for it.");
    }
    return results.of(ended);
  }

  /** A job that runs an API task, for the one who called it and whoever may see it. */
  private Job found(Caller.Member caller, String id) {
    return jobs.find(caller.organization(), id)
        .filter(job -> ApiOrigin.isOf(job.provenance().origin()))
        .filter(job -> job.provenance().by().equals(caller.name()) || job.acl().admits(caller))
        .orElseThrow(() -> ApiProblem.notFound("The job"));
  }
}
