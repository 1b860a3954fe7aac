package io.capataz.supervisor.workflowrun;

import io.capataz.supervisor.access.Caller;
import io.capataz.supervisor.job.Cause;
import io.capataz.supervisor.run.Startable;
import io.capataz.supervisor.run.Starter;
import io.capataz.supervisor.web.ApiProblem;
import io.capataz.supervisor.workflow.Workflow;
import io.capataz.supervisor.workflow.Workflows;
import io.capataz.supervisor.workflowrun.WorkflowRun.Asked;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;

/** Starts workflows: each start is a run. */
@Component
class WorkflowStarter implements Starter {

  private final Workflows workflows;
  private final NewRuns newRuns;
  private final WorkflowRuns runs;
  private final RunRequests requests;
  private final RunCancellations cancellations;
  private final InstantSource clock;

  WorkflowStarter(
      Workflows workflows,
      NewRuns newRuns,
      WorkflowRuns runs,
      RunRequests requests,
      RunCancellations cancellations,
      InstantSource clock) {
    this.workflows = workflows;
    this.newRuns = newRuns;
    this.runs = runs;
    this.requests = requests;
    this.cancellations = cancellations;
    this.clock = clock;
  }

  @Override
  public String kind() {
    return StepStarts.WORKFLOW;
  }

  @Override
  public Optional<Startable> find(String organization, String id) {
    return workflows.forRun(organization, id).map(this::of);
  }

  @Override
  public Optional<Startable> visible(Caller.Member member, String id) {
    return workflows.visible(member, id).map(this::of);
  }

  private Startable of(Workflow workflow) {
    var plan = newRuns.planOf(workflow);
    return new Startable(
        kind(),
        workflow.organization(),
        workflow.id(),
        workflow.name(),
        true,
        newRuns.parametersOf(workflow.organization(), plan),
        workflow.acl());
  }

  @Override
  public void check(Startable what, List<JsonNode> given) {
    var _ = newRuns.checked(newRuns.planOf(workflow(what)), what.parameters(), given);
  }

  private Workflow workflow(Startable what) {
    return workflows
        .forRun(what.organization(), what.id())
        .orElseThrow(() -> ApiProblem.notFound("The workflow"));
  }

  @Override
  public void start(
      Startable what, String id, List<JsonNode> given, Cause cause, @Nullable Instant notBefore) {
    if (isStarted(what.organization(), id)) {
      return;
    }
    var workflow = workflow(what);
    var arguments = newRuns.checked(newRuns.planOf(workflow), what.parameters(), given);
    var now = clock.instant();
    var asked = Asked.of(cause, now);
    if (notBefore != null && notBefore.isAfter(now)) {
      var _ = newRuns.add(id, workflow, workflow.acl(), arguments, asked, null, notBefore);
    } else {
      requests.begin(newRuns.add(id, workflow, workflow.acl(), arguments, asked, null));
    }
  }

  @Override
  public boolean isStarted(String organization, String id) {
    return runs.find(id).filter(run -> run.organization().equals(organization)).isPresent();
  }

  @Override
  public List<String> open(Startable what, int limit) {
    return runs.openOf(what.id(), limit).stream().map(WorkflowRun::id).toList();
  }

  @Override
  public void cancel(String organization, String id, String by) {
    runs.find(id)
        .filter(run -> run.organization().equals(organization))
        .ifPresent(run -> cancellations.cancel(run.id(), by, false));
  }
}
