package io.capataz.supervisor.dispatch;

import io.capataz.supervisor.job.Decisions;
import io.capataz.supervisor.job.Jobs;
import io.capataz.supervisor.job.OverdueJobs;
import io.capataz.supervisor.runtime.Round;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/** Makes the moves that depend on time alone: a job comes due, expires, or ends. */
@Component
class DueJobScheduler {

  private static final Logger log = LoggerFactory.getLogger(DueJobScheduler.class);

  private static final int AT_ONCE = 500;

  private final Jobs jobs;
  private final Decisions decisions;
  private final OverdueJobs overdue;

  DueJobScheduler(Jobs jobs, Decisions decisions, OverdueJobs overdue) {
    this.jobs = jobs;
    this.decisions = decisions;
    this.overdue = overdue;
  }

  @Scheduled(fixedDelayString = "PT1S")
  void look() {
    var round = Round.ofSweep();
    for (var due : overdue.due(AT_ONCE)) {
      if (due.doneBy().hasAttempts()) {
        jobs.comeDue(due);
      } else {
        decisions.elapse(due);
      }
      if (round.isOver()) {
        break;
      }
    }
    for (var late : overdue.expired(AT_ONCE)) {
      decisions
          .lapse(late)
          .ifPresent(
              job ->
                  log.atInfo()
                      .addKeyValue("job", job.id())
                      .addKeyValue("state", job.state())
                      .log("job expired"));
      if (round.isOver()) {
        return;
      }
    }
  }
}
