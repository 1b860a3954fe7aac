package io.capataz.supervisor.job;

import java.util.List;
import org.springframework.stereotype.Component;

/**
 * Takes ended jobs away with all that belongs to them. The job itself goes last, so that what a
 * crash leaves is found again; only what stands in a final state goes, and no move leaves that.
 */
@Component
class JobRemoval {

  private final Jobs jobs;
  private final JobOutputs outputs;
  private final JobFiles files;
  private final IdempotencyKeys keys;

  JobRemoval(Jobs jobs, JobOutputs outputs, JobFiles files, IdempotencyKeys keys) {
    this.jobs = jobs;
    this.outputs = outputs;
    this.files = files;
    this.keys = keys;
  }

  /** How many of these, of which each has ended, were removed. */
  long remove(List<Job> ended) {
    for (var job : ended) {
      if (!job.state().isFinal()) {
        throw new IllegalArgumentException("Job " + job.id() + " has not ended.");
      }
      if (job.once() != null) {
        // It is not forgotten before its day is over: a repeated request must not run once more.
        keys.jobIsRemoved(job.once());
      }
      if (job.attempt() > 0) {
        outputs.remove(job.id());
      }
      if (!job.files().isEmpty()) {
        files.remove(job.id());
      }
    }
    return jobs.removeEnded(ended);
  }
}
