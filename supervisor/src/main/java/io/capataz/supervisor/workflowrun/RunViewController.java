package io.capataz.supervisor.workflowrun;

import io.capataz.supervisor.access.Acl;
import io.capataz.supervisor.access.AclFields;
import io.capataz.supervisor.access.Allow;
import io.capataz.supervisor.access.Caller;
import io.capataz.supervisor.access.Role;
import io.capataz.supervisor.access.Scope;
import io.capataz.supervisor.job.Job;
import io.capataz.supervisor.job.JobView;
import io.capataz.supervisor.job.JobViews;
import io.capataz.supervisor.job.RunJobs;
import io.capataz.supervisor.job.WaitReasons;
import io.capataz.supervisor.job.Why;
import io.capataz.supervisor.listing.Listing;
import io.capataz.supervisor.web.Accepts;
import io.capataz.supervisor.web.ApiInput;
import io.capataz.supervisor.web.ApiProblem;
import io.capataz.supervisor.workflow.Workflows;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.data.core.TypedPropertyPath;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;

/** Runs of workflows: what they are, and what becomes of them. */
@RestController
class RunViewController {

  private static final int PAGE = 20;

  private static final TypedPropertyPath<WorkflowRun, Instant> CREATED =
      TypedPropertyPath.of(WorkflowRun::asked).then(WorkflowRun.Asked::created);

  private static final Listing.Offer<WorkflowRun> LIST =
      new Listing.Offer<>(
          Map.of("creation_date", new Listing.Order<>(CREATED)),
          "-creation_date",
          Set.of(),
          PAGE,
          PAGE);

  private final Workflows workflows;
  private final WorkflowRuns runs;
  private final RunRequests requests;
  private final RunCancellations cancellations;
  private final RunRetries retries;
  private final Outcomes outcomes;
  private final RunJobs jobs;
  private final JobViews views;
  private final WaitReasons reasons;

  RunViewController(
      Workflows workflows,
      WorkflowRuns runs,
      RunRequests requests,
      RunCancellations cancellations,
      RunRetries retries,
      Outcomes outcomes,
      RunJobs jobs,
      JobViews views,
      WaitReasons reasons) {
    this.workflows = workflows;
    this.runs = runs;
    this.requests = requests;
    this.cancellations = cancellations;
    this.retries = retries;
    this.outcomes = outcomes;
    this.jobs = jobs;
    this.views = views;
    this.reasons = reasons;
  }

  /**
   * {@code GET …/workflows/{id}/job}, also {@code …/jobs}: the runs of a workflow, newest first;
   * see {@link Listing}.
   */
  @GetMapping({
    "/{customer}/workflows/{id}/job",
    "/workflows/{id}/job",
    "/{customer}/workflows/{id}/jobs",
    "/workflows/{id}/jobs"
  })
  @Accepts(checksQuery = true)
  @Allow(role = Role.VIEWER, scope = Scope.JOB_READ)
  ResponseEntity<List<RunView>> list(
      @PathVariable String id, ApiInput input, Caller.Member caller) {
    var asked = LIST.read(input);
    if (workflows.visible(caller, id).isEmpty()) {
      throw ApiProblem.notFound("The workflow");
    }
    return asked.answer(runs.list(caller, id, asked), requests::shown);
  }

  /** {@code GET …/workflows/{id}/job/{run}}: one run. */
  @GetMapping({"/{customer}/workflows/{id}/job/{run}", "/workflows/{id}/job/{run}"})
  @Allow(role = Role.VIEWER, scope = Scope.JOB_READ)
  RunView get(@PathVariable String id, @PathVariable String run, Caller.Member caller) {
    return requests.shown(found(caller, id, run));
  }

  /** {@code GET …/workflows/{id}/job/{run}/jobs}: the jobs of a run, oldest first. */
  @GetMapping({"/{customer}/workflows/{id}/job/{run}/jobs", "/workflows/{id}/job/{run}/jobs"})
  @Allow(role = Role.VIEWER, scope = Scope.JOB_READ)
  List<JobView> jobs(@PathVariable String id, @PathVariable String run, Caller.Member caller) {
    return outcomes.jobsOf(found(caller, id, run)).stream()
        .filter(job -> job.acl().admits(caller))
        .map(views.many())
        .toList();
  }

  /**
   * {@code GET …/workflows/{id}/job/{run}/timeline}: what its steps were, in the order in which
   * they were made.
   */
  @GetMapping({
    "/{customer}/workflows/{id}/job/{run}/timeline",
    "/workflows/{id}/job/{run}/timeline"
  })
  @Allow(role = Role.VIEWER, scope = Scope.JOB_READ)
  List<TimelineView> timeline(
      @PathVariable String id, @PathVariable String run, Caller.Member caller) {
    var found = found(caller, id, run);
    var plan = outcomes.planOf(found).orElseThrow(() -> ApiProblem.notFound("The workflow"));
    return outcomes.units(found).stream()
        .map(unit -> TimelineView.of(plan, unit))
        .sorted(Comparator.comparing(view -> view.times().created()))
        .toList();
  }

  /**
   * A job that a run waits for.
   *
   * @param why missing if the job is under way
   */
  record WaitingView(String step, String jobId, String state, @Nullable Why why) {
    static Optional<WaitingView> of(Job job, Optional<Why> why) {
      return Unit.of(job)
          .map(
              unit ->
                  new WaitingView(
                      unit.position().step(),
                      job.id(),
                      JobView.lower(job.state()),
                      why.orElse(null)));
    }
  }

  /** {@code GET …/workflows/{id}/job/{run}/why}: which jobs it waits for, at most 20, and why. */
  @GetMapping({"/{customer}/workflows/{id}/job/{run}/why", "/workflows/{id}/job/{run}/why"})
  @Allow(role = Role.VIEWER, scope = Scope.JOB_READ)
  List<WaitingView> why(@PathVariable String id, @PathVariable String run, Caller.Member caller) {
    return jobs.openFor(found(caller, id, run).id(), PAGE).stream()
        .flatMap(job -> WaitingView.of(job, reasons.of(job)).stream())
        .toList();
  }

  /**
   * {@code PUT …/workflows/{id}/job/{run}/cancel}: ends a run. No step begins any more; jobs that
   * wait are canceled, and those that run are stopped.
   */
  @PutMapping({"/{customer}/workflows/{id}/job/{run}/cancel", "/workflows/{id}/job/{run}/cancel"})
  @Accepts(body = Accepts.Body.NONE)
  @Allow(role = Role.USER, scope = Scope.JOB_WRITE)
  RunView cancel(@PathVariable String id, @PathVariable String run, Caller.Member caller) {
    cancellations.cancel(found(caller, id, run).id(), caller.name(), false);
    return requests.shown(found(caller, id, run));
  }

  /**
   * {@code PUT …/workflows/{id}/job/{run}/retry}: tries the steps that have failed a run once more,
   * with what they were given; what has succeeded stays. 409 if it has not ended, or nothing has
   * failed it.
   */
  @PutMapping({"/{customer}/workflows/{id}/job/{run}/retry", "/workflows/{id}/job/{run}/retry"})
  @Accepts(body = Accepts.Body.NONE)
  @Allow(role = Role.USER, scope = Scope.TASK_RUN)
  RunView retry(@PathVariable String id, @PathVariable String run, Caller.Member caller) {
    return requests.shown(retries.retry(found(caller, id, run)));
  }

  /**
   * {@code PUT …/workflows/{id}/job/{run}/acl}: a list of those who may see the run and its jobs,
   * or {@code {users: […]}}. Returns the list.
   */
  @PutMapping({"/{customer}/workflows/{id}/job/{run}/acl", "/workflows/{id}/job/{run}/acl"})
  @Allow(role = Role.ADMIN, scope = Scope.JOB_WRITE)
  List<String> acl(
      @PathVariable String id, @PathVariable String run, ApiInput input, Caller.Member caller) {
    var found = found(caller, id, run);
    var acl = acl(input);
    runs.show(found.id(), acl);
    jobs.show(found.organization(), found.id(), acl);
    return acl.entries();
  }

  private static Acl acl(ApiInput input) {
    var body =
        input.body() instanceof ArrayNode list
            ? JsonNodeFactory.instance.objectNode().set("users", list)
            : input.object();
    return AclFields.replacement(body);
  }

  private WorkflowRun found(Caller.Member caller, String workflow, String run) {
    return runs.visible(caller, workflow, run).orElseThrow(() -> ApiProblem.notFound("The run"));
  }
}
