package io.capataz.supervisor.workflowrun;

import io.capataz.supervisor.web.ApiProblem;
import java.time.InstantSource;
import org.springframework.stereotype.Component;

/**
 * Tries the failed steps of a run once more; what has succeeded stays, and is followed where that
 * was not done. To follow it again makes nothing new.
 */
@Component
class RunRetries {

  private final WorkflowRuns runs;
  private final Outcomes outcomes;
  private final NextSteps nextSteps;
  private final Closings closings;
  private final InstantSource clock;

  RunRetries(
      WorkflowRuns runs,
      Outcomes outcomes,
      NextSteps nextSteps,
      Closings closings,
      InstantSource clock) {
    this.runs = runs;
    this.outcomes = outcomes;
    this.nextSteps = nextSteps;
    this.closings = closings;
    this.clock = clock;
  }

  /**
   * Opens an ended run again, with another attempt of each step that has failed it.
   *
   * @throws ApiProblem 409 if it has not ended, or nothing has failed it
   */
  WorkflowRun retry(WorkflowRun run) {
    if (!run.isClosed()) {
      throw ApiProblem.conflict(
          "not_ended", "The run has not ended. Wait for its end or cancel it, then retry it.");
    }
    if (run.parent() != null) {
      throw ApiProblem.conflict(
          "is_a_step", "The run is a step of run " + run.parent().run() + ". Retry that run.");
    }
    return reopened(run);
  }

  private WorkflowRun reopened(WorkflowRun run) {
    var units = outcomes.units(run);
    var failed = outcomes.of(run, units).failed();
    var plan = outcomes.planOf(run);
    if (plan.isEmpty() || (failed.isEmpty() && run.course().cancel() == null)) {
      throw ApiProblem.conflict(
          "nothing_failed", "No step has failed this run, so there is nothing to retry.");
    }
    var again = failed.stream().map(Unit::id).toList();
    var kept = run.course().refused().stream().filter(it -> !again.contains(it.unit())).toList();
    var timeout = plan.get().timeout();
    var open =
        runs.reopen(run, timeout == null ? null : clock.instant().plus(timeout), kept)
            .orElseThrow(
                () -> ApiProblem.conflict("not_ended", "The run was just retried by another."));
    for (var unit : failed) {
      if (unit.run() != null) {
        var _ = reopened(unit.run());
      } else {
        nextSteps.again(open, plan.get(), unit);
      }
    }
    // What had ended when the run was ended may not have been followed.
    for (var unit : Outcomes.current(units)) {
      if (unit.end() != null && !again.contains(unit.id())) {
        nextSteps.goOn(open, unit.position(), unit.end());
      }
    }
    var _ = closings.check(run.id());
    return runs.find(run.id()).orElse(open);
  }
}
