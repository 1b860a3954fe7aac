package io.capataz.supervisor.workflowrun;

import io.capataz.common.secret.Secret;
import io.capataz.supervisor.access.Allow;
import io.capataz.supervisor.access.Caller;
import io.capataz.supervisor.access.Role;
import io.capataz.supervisor.access.Scope;
import io.capataz.supervisor.job.Cause;
import io.capataz.supervisor.result.ResultAddress;
import io.capataz.supervisor.run.AcceptsRun;
import io.capataz.supervisor.run.RunCall;
import io.capataz.supervisor.web.Accepts;
import io.capataz.supervisor.web.ApiInput;
import io.capataz.supervisor.web.ApiProblem;
import io.capataz.supervisor.web.LargeBody;
import io.capataz.supervisor.workflow.Workflow;
import io.capataz.supervisor.workflow.Workflows;
import java.time.Duration;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RestController;

/**
 * Running workflows. The body is a list of values, {@code {task_arguments: […]}}, {@code
 * {task_arguments: {name: value}}} or nothing. {@code Idempotency-Key}, {@code Prefer: wait} and
 * {@code wait_result} are as for tasks.
 */
@RestController
class WorkflowRunController {

  private final Workflows workflows;
  private final RunRequests requests;
  private final WorkflowRuns runs;
  private final RunEnds ends;

  WorkflowRunController(
      Workflows workflows, RunRequests requests, WorkflowRuns runs, RunEnds ends) {
    this.workflows = workflows;
    this.requests = requests;
    this.runs = runs;
    this.ends = ends;
  }

  /**
   * {@code POST /{customer}/workflows/{id}/job} and {@code POST /workflows/{id}/job}: runs a
   * workflow with a token. With {@code ?wait_result=true} 303 to the result.
   */
  @PostMapping({"/{customer}/workflows/{id}/job", "/workflows/{id}/job"})
  @AcceptsRun
  @Allow(role = Role.USER, scope = Scope.TASK_RUN)
  @LargeBody
  ResponseEntity<RunView> run(
      @PathVariable String id, RunCall call, ApiInput input, Caller.Member caller)
      throws InterruptedException {
    var workflow =
        workflows.visible(caller, id).orElseThrow(() -> ApiProblem.notFound("The workflow"));
    return requests.run(workflow, input, call, Cause.of(caller), RunRequests.address(id));
  }

  /**
   * {@code POST /{customer}/workflows/{id}/secret/{key}/job} and {@code POST
   * /workflows/{id}/secret/{key}/job}: runs a workflow with its secret key alone. With {@code
   * ?wait_result=true} 303 to the result.
   */
  @PostMapping({"/{customer}/workflows/{id}/secret/{key}/job", "/workflows/{id}/secret/{key}/job"})
  @AcceptsRun
  @Allow(Allow.Who.ANYONE)
  @LargeBody
  ResponseEntity<RunView> runWithKey(
      @PathVariable String id, @PathVariable String key, RunCall call, ApiInput input)
      throws InterruptedException {
    var address = RunRequests.address(id) + "/secret/" + key;
    return requests.run(opened(id, key), input, call, Cause.SECRET_KEY, address);
  }

  /**
   * {@code GET …/workflows/{id}/job/{run}/result}: waits for the end of a run, {@code ?timeout=10}
   * seconds, and returns it. While it has not ended, 303 to the next {@code ?counter=0} of {@code
   * ?limit=10}, then 408.
   */
  @GetMapping({"/{customer}/workflows/{id}/job/{run}/result", "/workflows/{id}/job/{run}/result"})
  @Accepts(query = {"result", "full", "output", "parse", "timeout", "counter", "limit"})
  @Allow(role = Role.VIEWER, scope = Scope.JOB_READ)
  ResponseEntity<?> result(
      @PathVariable String id, @PathVariable String run, ApiInput input, Caller.Member caller)
      throws InterruptedException {
    var found = runs.visible(caller, id, run).orElseThrow(() -> ApiProblem.notFound("The run"));
    return result(found, RunRequests.address(id), input);
  }

  /**
   * {@code GET /workflows/{id}/secret/{key}/job/{run}/result}: the same with the workflow's key;
   * {@code ?timeout=10}, {@code ?counter=0}, {@code ?limit=10}.
   */
  @GetMapping("/workflows/{id}/secret/{key}/job/{run}/result")
  @Accepts(query = {"result", "full", "output", "parse", "timeout", "counter", "limit"})
  @Allow(Allow.Who.ANYONE)
  ResponseEntity<?> result(
      @PathVariable String id, @PathVariable String key, @PathVariable String run, ApiInput input)
      throws InterruptedException {
    var workflow = opened(id, key);
    var found =
        runs.find(run)
            .filter(it -> it.workflow().equals(workflow.id()))
            .filter(it -> it.asked().word().equals(Cause.SECRET_KEY.origin().word()))
            .orElseThrow(() -> ApiProblem.notFound("The run"));
    return result(found, RunRequests.address(id) + "/secret/" + key, input);
  }

  private ResponseEntity<?> result(WorkflowRun run, String address, ApiInput input)
      throws InterruptedException {
    var asked = ResultAddress.read(address + "/job/" + run.id() + "/result", input);
    var now = ends.await(run, Duration.ofSeconds(asked.timeout()));
    if (now.isClosed()) {
      return ResponseEntity.ok(requests.shown(now));
    }
    return asked
        .next()
        .map(next -> ResponseEntity.status(HttpStatus.SEE_OTHER).location(next.uri()).build())
        .orElseThrow(
            () ->
                ApiProblem.timedOut(
                    "The run has not ended within the given time. It continues; ask again."));
  }

  private Workflow opened(String id, String key) {
    return workflows
        .opened(id, Secret.shown(key))
        .orElseThrow(() -> ApiProblem.notFound("A workflow for this key"));
  }
}
