package io.capataz.supervisor.library;

import io.capataz.common.protocol.MessageJson;
import io.capataz.supervisor.access.Caller;
import io.capataz.supervisor.job.Job;
import io.capataz.supervisor.job.JobEnds;
import io.capataz.supervisor.job.Jobs;
import io.capataz.supervisor.library.CallResults.Result;
import io.capataz.supervisor.web.ApiProblem;
import io.capataz.supervisor.web.FieldReader;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.http.ResponseEntity;
import org.springframework.stereotype.Component;
import tools.jackson.databind.node.ObjectNode;

/** Calls API tasks, waits for their ends, and answers with what they return. */
@Component
public class AnsweredCalls {

  /** How long a call waits; the job continues. */
  private static final Duration LONGEST = Duration.ofMinutes(10);

  private final ApiTasks all;
  private final ApiCalls calls;
  private final Jobs jobs;
  private final JobEnds ends;
  private final CallResults results;

  AnsweredCalls(ApiTasks all, ApiCalls calls, Jobs jobs, JobEnds ends, CallResults results) {
    this.all = all;
    this.calls = calls;
    this.jobs = jobs;
    this.ends = ends;
    this.results = results;
  }

  /**
   * Calls a version of an API task.
   *
   * @param body as that of {@code POST /resource}, without {@code id} and {@code version}
   * @param once an idempotency key; null: none
   * @throws ApiProblem as {@code POST /resource}
   */
  public ResponseEntity<?> call(
      Caller.Member caller, String id, String version, ObjectNode body, @Nullable String once)
      throws InterruptedException {
    var whole = body.deepCopy().put("version", version);
    return call(caller, id, Call.read(FieldReader.of(whole)), false, once);
  }

  ResponseEntity<?> call(
      Caller.Member caller, String id, Call call, boolean fromOutside, @Nullable String once)
      throws InterruptedException {
    var called =
        all.recent(caller.organization(), id)
            .filter(task -> task.isKnownTo(caller))
            .orElseThrow(Libraries::noSuchTask);
    var version = Libraries.versionFor(caller, called, call.version());
    // A running job is bound to what its task calls, and what it starts ends with it.
    if (!(caller instanceof Caller.Run)) {
      checkOpen(called, version, call, fromOutside);
    }
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

  /** Waits for the end of a job that the caller may see. */
  ResponseEntity<?> result(Caller.Member caller, String id) throws InterruptedException {
    return ended(found(caller, id), caller);
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
