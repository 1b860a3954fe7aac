package io.capataz.supervisor.workflowrun;

import io.capataz.supervisor.runtime.Round;
import java.time.InstantSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/** Continues runs that a supervisor left behind, and ends those past their deadline. */
@Component
class RunSweep {

  private static final Logger log = LoggerFactory.getLogger(RunSweep.class);

  private static final int AT_ONCE = 200;

  private final WorkflowRuns runs;
  private final NextSteps nextSteps;
  private final Closings closings;
  private final RunCancellations cancellations;
  private final InstantSource clock;

  RunSweep(
      WorkflowRuns runs,
      NextSteps nextSteps,
      Closings closings,
      RunCancellations cancellations,
      InstantSource clock) {
    this.runs = runs;
    this.nextSteps = nextSteps;
    this.closings = closings;
    this.cancellations = cancellations;
    this.clock = clock;
  }

  @Scheduled(fixedDelayString = "PT2S")
  void sweep() {
    var round = Round.ofSweep();
    for (var run : runs.due(AT_ONCE)) {
      try {
        look(run);
      } catch (RuntimeException failure) {
        runs.lookLater(run);
        log.atWarn()
            .setCause(failure)
            .addKeyValue("run", run.id())
            .log("run left to a later sweep");
      }
      if (round.isOver()) {
        return;
      }
    }
  }

  private void look(WorkflowRun run) {
    var deadline = run.course().deadline();
    if (!run.course().started()) {
      nextSteps.start(run);
    } else {
      runs.lookLater(run);
    }
    if (run.course().cancel() != null) {
      cancellations.end(run, run.course().cancel().by());
    } else if (deadline != null && !deadline.isAfter(clock.instant())) {
      cancellations.cancel(run.id(), "supervisor", true);
    } else {
      var _ = closings.check(run.id());
    }
  }
}
