package io.capataz.supervisor.retention;

import io.capataz.supervisor.job.JobQueries;
import io.capataz.supervisor.runtime.Round;
import io.capataz.supervisor.task.OldTaskVersions;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/**
 * Removes earlier versions of tasks that are too many and of which no job is left. All supervisors
 * do this in small batches; doing it twice does no harm. Nothing but jobs refers to earlier
 * versions: schedules, workflows and triggers run the current one.
 */
@Component
class VersionRetention {

  private static final Logger log = LoggerFactory.getLogger(VersionRetention.class);

  private final OldTaskVersions versions;
  private final JobQueries jobs;
  private final RetentionSettings settings;

  /** The task that {@link #sweepAll} has come to; a round may take several calls. */
  private volatile String swept = "";

  VersionRetention(OldTaskVersions versions, JobQueries jobs, RetentionSettings settings) {
    this.versions = versions;
    this.jobs = jobs;
    this.settings = settings;
  }

  @Scheduled(fixedDelayString = "PT6H", initialDelayString = "PT45M")
  void sweepAll() {
    var round = Round.ofCleanup();
    for (var next = versions.taskAfter(swept); next.isPresent(); next = versions.taskAfter(swept)) {
      swept = next.get();
      sweep(swept, round);
      if (round.isOver()) {
        return;
      }
    }
    swept = "";
  }

  private void sweep(String task, Round round) {
    var border = versions.oldestOfNewest(task, settings.keepVersions());
    var removed = 0;
    while (border.isPresent() && !round.isOver()) {
      var older = versions.before(task, border.get());
      border = older.stream().reduce((_, last) -> last);
      removed += removeUnused(task, older);
    }
    if (removed > 0) {
      log.atInfo()
          .addKeyValue("task", task)
          .addKeyValue("versions", removed)
          .log("old versions removed");
    }
  }

  private int removeUnused(String task, List<Integer> older) {
    var used = jobs.taskVersions(task, older);
    var unused = older.stream().filter(number -> !used.contains(number)).toList();
    versions.remove(task, unused);
    return unused.size();
  }
}
