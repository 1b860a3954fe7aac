package io.capataz.supervisor.job;

import java.util.Optional;

/** Explains why a job waits; the queue knows. */
public interface WaitReasons {

  /** Empty if the job does not wait. */
  Optional<Why> of(Job job);
}
