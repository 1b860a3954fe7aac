package io.capataz.supervisor.workflowrun;

import io.capataz.supervisor.job.Cancellations;
import io.capataz.supervisor.job.RunJobs;
import org.springframework.stereotype.Component;

/**
 * Ends runs. The mark is set first, and then the jobs that are open are canceled; whoever makes a
 * job looks for the mark after that. So no job is missed.
 */
@Component
class RunCancellations {

  private static final int PAGE = 200;

  private final WorkflowRuns runs;
  private final RunJobs jobs;
  private final Cancellations cancellations;
  private final Closings closings;

  RunCancellations(
      WorkflowRuns runs, RunJobs jobs, Cancellations cancellations, Closings closings) {
    this.runs = runs;
    this.jobs = jobs;
    this.cancellations = cancellations;
    this.closings = closings;
  }

  /** Ends a run. */
  void cancel(String run, String by, boolean timedOut) {
    runs.cancel(run, by, timedOut).ifPresent(marked -> end(marked, by));
  }

  /** Ends what is open of a run that was marked. */
  void end(WorkflowRun run, String by) {
    for (var child : runs.childrenOf(run.id())) {
      if (!child.isClosed()) {
        cancel(child.id(), by, false);
      }
    }
    var open = jobs.openFor(run.id(), NextSteps.MOST_JOBS);
    for (var from = 0; from < open.size(); from += PAGE) {
      open.subList(from, Math.min(from + PAGE, open.size())).stream()
          .filter(job -> !job.state().isFinal())
          .forEach(job -> cancellations.cancel(job, by));
    }
    var _ = closings.check(run.id());
  }
}
