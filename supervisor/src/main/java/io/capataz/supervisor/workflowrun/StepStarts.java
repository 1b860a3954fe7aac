package io.capataz.supervisor.workflowrun;

import io.capataz.supervisor.job.Cancellations;
import io.capataz.supervisor.job.Cause;
import io.capataz.supervisor.job.Job;
import io.capataz.supervisor.job.Origin;
import io.capataz.supervisor.job.Origin.Position;
import io.capataz.supervisor.job.RunJobs;
import io.capataz.supervisor.job.RunRequest;
import io.capataz.supervisor.run.Submissions;
import io.capataz.supervisor.task.Task;
import io.capataz.supervisor.task.Tasks;
import io.capataz.supervisor.web.ApiProblem;
import io.capataz.supervisor.workflow.Plan;
import io.capataz.supervisor.workflow.Plan.Step;
import io.capataz.supervisor.workflow.Workflow;
import io.capataz.supervisor.workflow.Workflows;
import io.capataz.supervisor.workflowrun.WorkflowRun.Asked;
import io.capataz.supervisor.workflowrun.WorkflowRun.Parent;
import io.capataz.supervisor.workflowrun.WorkflowRun.Refused;
import java.time.InstantSource;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Makes what a visit of a step is: a job, or a run of another workflow. */
@Component
class StepStarts {

  /** The word of {@link Origin}s of jobs that are steps. */
  static final String WORKFLOW = "workflow";

  /** How many runs a run may be inside of. */
  private static final int DEEPEST = 5;

  private final Submissions submissions;
  private final Tasks tasks;
  private final Workflows workflows;
  private final WorkflowRuns runs;
  private final NewRuns newRuns;
  private final Inputs inputs;
  private final RunJobs jobs;
  private final Cancellations cancellations;
  private final InstantSource clock;

  StepStarts(
      Submissions submissions,
      Tasks tasks,
      Workflows workflows,
      WorkflowRuns runs,
      NewRuns newRuns,
      Inputs inputs,
      RunJobs jobs,
      Cancellations cancellations,
      InstantSource clock) {
    this.submissions = submissions;
    this.tasks = tasks;
    this.workflows = workflows;
    this.runs = runs;
    this.newRuns = newRuns;
    this.inputs = inputs;
    this.jobs = jobs;
    this.cancellations = cancellations;
    this.clock = clock;
  }

  /**
   * What was made of a visit, or of one item of it.
   *
   * @param run a run whose first jobs are to be made; null: none
   * @param refused why nothing could be made; null: it was made
   */
  record Made(@Nullable WorkflowRun run, @Nullable Refused refused) {}

  /**
   * Makes it; if it is there already, it stays as it is.
   *
   * @param id of the job or the run
   * @param again the job that is tried again; null: none
   */
  Made make(
      WorkflowRun run,
      Plan plan,
      Step step,
      Position position,
      String id,
      ObjectNode data,
      @Nullable String again) {
    var before = run.course().refused().stream().filter(it -> it.unit().equals(id)).findFirst();
    if (before.isPresent()) {
      return new Made(null, before.get());
    }
    if (isThere(run, id)) {
      return new Made(null, null);
    }
    try {
      if (step.workflow() != null) {
        return new Made(child(run, step, step.workflow(), position, id, data), null);
      }
      job(run, plan, step, position, id, data, again);
      return new Made(null, null);
    } catch (ApiProblem refused) {
      if (refused.status() == HttpStatus.TOO_MANY_REQUESTS) {
        // There will be room again: the effect that led here is repeated until then.
        throw refused;
      }
      return new Made(null, refuse(run, position, id, String.valueOf(refused.getMessage())));
    }
  }

  /**
   * Whether the job was made before. What it is made of may have changed since, and must not make
   * it a step that could not be made.
   */
  private boolean isThere(WorkflowRun run, String id) {
    var there = jobs.withIds(List.of(id));
    there.forEach(job -> endIfCanceled(run, job));
    return !there.isEmpty();
  }

  Refused refuse(WorkflowRun run, Position position, String id, String reason) {
    var refused =
        new Refused(
            id,
            position.step(),
            position.visit(),
            position.number(),
            position.cause(),
            position.item(),
            reason,
            clock.instant());
    runs.refuse(run.id(), refused);
    return refused;
  }

  private void job(
      WorkflowRun run,
      Plan plan,
      Step step,
      Position position,
      String id,
      ObjectNode data,
      @Nullable String again) {
    var task = task(run, step);
    var arguments = inputs.arguments(run, step, data, task.parameters());
    var asked = run.asked();
    var job =
        submissions.submitAs(
            id,
            adjusted(task, run, plan, step),
            new RunRequest(
                arguments.texts(),
                task.policy().priority(),
                null,
                null,
                false,
                arguments.files(),
                List.of(),
                null),
            new Cause(
                new Origin(WORKFLOW, run.id(), position, asked.depth()),
                asked.by(),
                asked.user(),
                again));
    endIfCanceled(run, job);
  }

  /** After the job is there: whoever marked the run before has not seen it. */
  private void endIfCanceled(WorkflowRun run, Job job) {
    if (runs.isCanceled(run.id())) {
      var _ = cancellations.cancel(job, "workflow:" + run.workflow());
    }
  }

  private Task task(WorkflowRun run, Step step) {
    if (step.task() == null) {
      throw Inputs.problem(
          "Tasks of the kind '" + step.kind() + "' cannot be run here; import them as tasks.");
    }
    var task =
        tasks
            .forRun(run.organization(), step.task())
            .orElseThrow(() -> Inputs.problem("Its task was removed."));
    if (!task.start().enabled()) {
      throw Inputs.problem("Its task is disabled.");
    }
    return task;
  }

  private static Task adjusted(Task task, WorkflowRun run, Plan plan, Step step) {
    var options = step.options();
    return task.adjusted(
        new Task.Adjustment(
            run.acl(), plan.environment(), options.timeout(), options.attempts(), options.delay()));
  }

  private WorkflowRun child(
      WorkflowRun run, Step step, String workflow, Position position, String id, ObjectNode data) {
    if (run.depth() >= DEEPEST) {
      throw Inputs.problem("Workflows may be inside of each other " + DEEPEST + " times at most.");
    }
    var found =
        workflows
            .forRun(run.organization(), workflow)
            .orElseThrow(() -> Inputs.problem("Its workflow was removed."));
    var asked = run.asked();
    var child =
        newRuns.add(
            id,
            found,
            run.acl(),
            values(run, step, found, data),
            new Asked(WORKFLOW, asked.by(), asked.user(), run.id(), asked.depth(), clock.instant()),
            new Parent(
                run.id(),
                position.step(),
                position.visit(),
                position.number(),
                position.cause(),
                position.item(),
                run.depth() + 1));
    if (runs.isCanceled(run.id())) {
      return runs.cancel(child.id(), "workflow:" + run.workflow(), false).orElse(child);
    }
    return child;
  }

  private List<JsonNode> values(WorkflowRun run, Step step, Workflow workflow, ObjectNode data) {
    var plan = newRuns.planOf(workflow);
    var parameters = newRuns.parametersOf(workflow.organization(), plan);
    return newRuns.checked(plan, parameters, inputs.values(run, step, data, parameters));
  }
}
