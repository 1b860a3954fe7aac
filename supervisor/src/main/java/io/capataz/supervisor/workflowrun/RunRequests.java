package io.capataz.supervisor.workflowrun;

import io.capataz.common.protocol.MessageJson;
import io.capataz.supervisor.access.Caller;
import io.capataz.supervisor.job.Cause;
import io.capataz.supervisor.result.ResultAddress;
import io.capataz.supervisor.result.WaitPreference;
import io.capataz.supervisor.run.OtherRuns;
import io.capataz.supervisor.run.RunCall;
import io.capataz.supervisor.run.Submissions;
import io.capataz.supervisor.web.ApiInput;
import io.capataz.supervisor.web.ApiProblem;
import io.capataz.supervisor.workflow.Workflow;
import io.capataz.supervisor.workflow.Workflows;
import io.capataz.supervisor.workflowrun.WorkflowRun.Asked;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.bson.types.ObjectId;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.stereotype.Component;

/** Runs workflows for those who ask by HTTP. */
@Component
class RunRequests implements OtherRuns {

  private final NewRuns newRuns;
  private final WorkflowRuns runs;
  private final Workflows workflows;
  private final NextSteps nextSteps;
  private final Closings closings;
  private final Outcomes outcomes;
  private final RunEnds ends;
  private final Submissions submissions;
  private final InstantSource clock;

  RunRequests(
      NewRuns newRuns,
      WorkflowRuns runs,
      Workflows workflows,
      NextSteps nextSteps,
      Closings closings,
      Outcomes outcomes,
      RunEnds ends,
      Submissions submissions,
      InstantSource clock) {
    this.newRuns = newRuns;
    this.runs = runs;
    this.workflows = workflows;
    this.nextSteps = nextSteps;
    this.closings = closings;
    this.outcomes = outcomes;
    this.ends = ends;
    this.submissions = submissions;
    this.clock = clock;
  }

  @Override
  public Optional<ResponseEntity<?>> run(
      Caller.Member caller, String id, ApiInput input, RunCall call) throws InterruptedException {
    var workflow = workflows.visible(caller, id);
    return workflow.isEmpty()
        ? Optional.empty()
        : Optional.of(run(workflow.get(), input, call, Cause.of(caller), address(id)));
  }

  /** Where the runs of a workflow are. */
  static String address(String workflow) {
    return "/workflows/" + workflow;
  }

  /**
   * Runs a workflow.
   *
   * @param address where the caller finds the run
   */
  ResponseEntity<RunView> run(
      Workflow workflow, ApiInput input, RunCall call, Cause cause, String address)
      throws InterruptedException {
    var plan = newRuns.planOf(workflow);
    var parameters = newRuns.parametersOf(workflow.organization(), plan);
    var asked = RunFields.read(parameters, input);
    var arguments = newRuns.checked(plan, parameters, asked.given());
    var headers = new HttpHeaders();
    var id = ObjectId.get().toHexString();
    if (call.once() != null) {
      var bound =
          submissions.bind(workflow.id(), cause, call.once(), MessageJson.write(asked.given()));
      id = bound.id();
      if (!bound.isNew()) {
        headers.set("Idempotency-Replayed", "true");
      }
    }
    var by = Asked.of(cause, clock.instant());
    var run = begin(newRuns.add(id, workflow, workflow.acl(), arguments, by, null));
    if (asked.waits()) {
      var result = ResultAddress.first(address + "/job/" + run.id() + "/result", input);
      return ResponseEntity.status(HttpStatus.SEE_OTHER)
          .headers(headers)
          .location(result.uri())
          .body(shown(run));
    }
    var wait = WaitPreference.read(call.prefer());
    if (wait.isPresent()) {
      headers.set("Preference-Applied", "wait=" + wait.get().toSeconds());
      run = ends.await(run, wait.get());
    }
    return ResponseEntity.ok().headers(headers).body(shown(run));
  }

  /** Makes its first jobs; if there is no room for them now, a sweep does. */
  WorkflowRun begin(WorkflowRun run) {
    if (run.course().started()) {
      return run;
    }
    try {
      nextSteps.start(run);
    } catch (ApiProblem full) {
      // The run is there, and a sweep starts it when there is room.
      return run;
    }
    var _ = closings.check(run.id());
    return runs.find(run.id()).orElse(run);
  }

  /** A run as it is shown. */
  RunView shown(WorkflowRun run) {
    return RunView.of(
        run,
        run.isClosed() ? outcomes.of(run) : new RunOutcome("in_progress", List.of(), List.of()));
  }
}
