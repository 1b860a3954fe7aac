package io.capataz.supervisor.workflowrun;

import io.capataz.supervisor.job.RunJobs;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.stereotype.Component;

/** Closes runs when nothing is left to follow from their jobs. */
@Component
class Closings {

  private final WorkflowRuns runs;
  private final RunJobs jobs;
  private final Outcomes outcomes;
  private final NextSteps nextSteps;
  private final ApplicationEventPublisher events;

  Closings(
      WorkflowRuns runs,
      RunJobs jobs,
      Outcomes outcomes,
      NextSteps nextSteps,
      ApplicationEventPublisher events) {
    this.runs = runs;
    this.jobs = jobs;
    this.outcomes = outcomes;
    this.nextSteps = nextSteps;
    this.events = events;
  }

  /** A run was closed in this process. */
  record Closed(String run) {}

  /**
   * Closes the run if no job of it is open. Whoever takes the last effect out looks after that, so
   * that of several who end at once one sees that nothing is left.
   *
   * @return whether it is closed
   */
  boolean check(String id) {
    if (!jobs.openFor(id, 1).isEmpty()) {
      return false;
    }
    var found = runs.find(id);
    if (found.isEmpty() || found.get().isClosed()) {
      return true;
    }
    var run = found.get();
    if (!run.course().started() || runs.hasOpenChild(id)) {
      return false;
    }
    // The run was read after the jobs: between the two, another job may have been made and ended.
    if (!jobs.openFor(id, 1).isEmpty()) {
      return false;
    }
    if (run.parent() != null) {
      nextSteps.ended(run, outcomes.of(run));
    }
    if (runs.close(id)) {
      events.publishEvent(new Closed(id));
      if (run.parent() != null) {
        var _ = check(run.parent().run());
      }
    }
    return true;
  }
}
