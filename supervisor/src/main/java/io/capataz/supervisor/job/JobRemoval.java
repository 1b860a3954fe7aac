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

  JobRemoval(Jobs jobs, List<BelongsToJob> belongings) {
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
    return jobs.removeEnded(ended);
  }
}
