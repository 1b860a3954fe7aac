package io.capataz.supervisor.workflowrun;

import io.capataz.supervisor.job.RunJobs;
import io.capataz.supervisor.web.ApiProblem;
import java.time.InstantSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.stereotype.Component;

/** Closes runs when nothing is left to follow from their jobs. */
@Component
class Closings {

  private static final Logger log = LoggerFactory.getLogger(Closings.class);

  private final WorkflowRuns runs;
  private final RunJobs jobs;
  private final Outcomes outcomes;
  private final NextSteps nextSteps;

  /** Resolved late, because they start runs, and that uses this class. */
  private final ObjectProvider<RunFollowUp> followUps;

  private final InstantSource clock;
  private final ApplicationEventPublisher events;

  Closings(
      WorkflowRuns runs,
      RunJobs jobs,
      Outcomes outcomes,
      NextSteps nextSteps,
      ObjectProvider<RunFollowUp> followUps,
      InstantSource clock,
      ApplicationEventPublisher events) {
    this.followUps = followUps;
    this.clock = clock;
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
    if (!isFollowed(run)) {
      return false;
    }
    if (runs.close(id)) {
      events.publishEvent(new Closed(id));
      if (run.parent() != null) {
        var _ = check(run.parent().run());
      }
    }
    return true;
  }

  /** What follows from the end is done before it is closed; without room for it, later. */
  private boolean isFollowed(WorkflowRun run) {
    if (run.parent() != null) {
      nextSteps.ended(run, outcomes.of(run));
    }
    var those =
        followUps.stream()
            .filter(followUp -> followUp.follows(run.organization(), run.workflow()))
            .toList();
    if (those.isEmpty()) {
      return true;
    }
    var ended = ended(run, outcomes.of(run));
    try {
      those.forEach(followUp -> followUp.ended(ended));
      return true;
    } catch (ApiProblem full) {
      log.atWarn()
          .addKeyValue("run", run.id())
          .addKeyValue("reason", full.code())
          .log("what follows from the end of a run has to wait");
      return false;
    }
  }

  private EndedRun ended(WorkflowRun run, RunOutcome outcome) {
    var asked = run.asked();
    return new EndedRun(
        run.organization(),
        run.workflow(),
        run.id(),
        outcome.state(),
        outcome.output(),
        asked.by(),
        asked.user(),
        asked.depth() == null ? 0 : asked.depth(),
        clock.instant());
  }
}
