package io.capataz.supervisor.dispatch;

import io.capataz.supervisor.job.Chores;
import io.capataz.supervisor.job.Jobs;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/** Makes the moves that only time brings about: a job comes due, or expires. */
@Component
class DueWatch {

  private static final Logger log = LoggerFactory.getLogger(DueWatch.class);

  private static final int AT_ONCE = 500;

  private final Jobs jobs;
  private final Chores chores;

  DueWatch(Jobs jobs, Chores chores) {
    this.jobs = jobs;
    this.chores = chores;
  }

  @Scheduled(fixedDelayString = "PT1S")
  void look() {
    chores.due(AT_ONCE).forEach(jobs::comeDue);
    for (var late : chores.expired(AT_ONCE)) {
      jobs.expire(late)
          .ifPresent(job -> log.atInfo().addKeyValue("job", job.id()).log("job expired"));
    }
  }
}
