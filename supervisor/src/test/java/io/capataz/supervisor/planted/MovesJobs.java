package io.capataz.supervisor.planted;

import io.capataz.supervisor.job.JobMove;
import io.capataz.supervisor.job.JobState;

final class MovesJobs {
  JobState move() {
    return JobMove.SUCCEED.to();
  }
}
