package io.capataz.supervisor.library;

import io.capataz.supervisor.access.Allow;
import io.capataz.supervisor.access.Caller;
import io.capataz.supervisor.access.Role;
import io.capataz.supervisor.access.Scope;
import io.capataz.supervisor.web.Accepts;
import io.capataz.supervisor.web.ApiInput;
import io.capataz.supervisor.web.FieldReader;
import io.capataz.supervisor.web.LargeBody;
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

  private final AnsweredCalls calls;

  ResourceController(AnsweredCalls calls) {
    this.calls = calls;
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
  @Allow(role = Role.USER, scope = Scope.TASK_RUN, tokenIn = "token", jobs = true)
  @LargeBody
  ResponseEntity<?> call(
      @RequestHeader(name = "Idempotency-Key", required = false) @Nullable String once,
      ApiInput input,
      Caller.Member caller)
      throws InterruptedException {
    var fields = FieldReader.of(input.object());
    var id = fields.requiredText("id", 100);
    return calls.call(caller, id, Call.read(fields), true, once);
  }

  /**
   * {@code POST /library/{id}/run}: runs an API task like {@code POST /resource}, whether or not it
   * is open to callers of that route; for people who work with its library. 403, 404, 408, 409 and
   * 422 as there.
   */
  @PostMapping("/library/{id:[0-9a-f-]{36}}/run")
  @Allow(role = Role.USER, scope = Scope.TASK_RUN, jobs = true)
  @LargeBody
  ResponseEntity<?> run(
      @PathVariable String id,
      @RequestHeader(name = "Idempotency-Key", required = false) @Nullable String once,
      ApiInput input,
      Caller.Member caller)
      throws InterruptedException {
    return calls.call(caller, id, Call.read(FieldReader.of(input.object())), false, once);
  }

  /**
   * {@code GET /resource/job/{id}}: waits for the end of a job that ran an API task, at most ten
   * minutes, and returns its result as {@code POST /resource} does. 408 if it has not ended, 422 if
   * it failed.
   */
  @GetMapping("/resource/job/{id}")
  @Accepts(query = "token")
  @Allow(role = Role.USER, scope = Scope.TASK_RUN, tokenIn = "token", jobs = true)
  ResponseEntity<?> result(@PathVariable String id, Caller.Member caller)
      throws InterruptedException {
    return calls.result(caller, id);
  }
}
