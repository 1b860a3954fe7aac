package io.capataz.supervisor.workflowrun;

import io.capataz.supervisor.job.BelongsToJob;
import io.capataz.supervisor.job.Job;
import io.capataz.supervisor.job.RunJobs;
import io.capataz.supervisor.workflow.Workflows;
import org.springframework.stereotype.Component;

/**
 * A run is removed with the last of its jobs, and an old version of a workflow with its last run.
 */
@Component
class RunRemoval implements BelongsToJob {

  private final WorkflowRuns runs;
  private final Gates gates;
  private final RunJobs jobs;
  private final Workflows workflows;

  RunRemoval(WorkflowRuns runs, Gates gates, RunJobs jobs, Workflows workflows) {
    this.runs = runs;
    this.gates = gates;
    this.jobs = jobs;
    this.workflows = workflows;
  }

  @Override
  public void removeFor(Job job) {
    var run = job.provenance().origin().reference();
    if (run == null || job.provenance().origin().position() == null || jobs.count(run, 2) > 1) {
      return;
    }
    runs.find(run)
        .filter(WorkflowRun::isClosed)
        .ifPresent(
            it -> {
              gates.forget(run);
              runs.remove(run);
              if (!runs.isUsed(it.workflow())) {
                workflows.forget(it.workflow());
              }
            });
  }
}
