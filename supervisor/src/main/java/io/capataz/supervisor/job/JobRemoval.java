package io.capataz.supervisor.job;

import java.util.List;
import org.springframework.stereotype.Component;

/**
 * Removes ended jobs with all that belongs to them. The job itself goes last, so that whatever a
 * crash leaves behind is found again; only jobs in a final state are removed, and no move leaves
 * that.
 */
@Component
public class JobRemoval {

  private final Jobs jobs;
  private final List<BelongsToJob> belongings;
  private final JobUsage usage;

  JobRemoval(Jobs jobs, List<BelongsToJob> belongings, JobUsage usage) {
    this.usage = usage;
    this.jobs = jobs;
    this.belongings = belongings;
  }

  /** Removes these finished jobs; returns how many. */
  public long remove(List<Job> ended) {
    for (var job : ended) {
      if (!job.state().isFinal()) {
        throw new IllegalArgumentException("Job " + job.id() + " has not ended.");
      }
      belongings.forEach(belonging -> belonging.removeFor(job));
    }
    var removed = jobs.removeEnded(ended);
    usage.removed(ended);
    return removed;
  }
}
