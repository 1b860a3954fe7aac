package io.capataz.supervisor.output;

import io.capataz.common.protocol.AttemptId;
import io.capataz.supervisor.job.Job;
import java.io.IOException;
import java.time.Duration;

/**
 * A receiver of a job's output. Each check of the job calls {@link #begin} for a new attempt, then
 * {@link #job} unless it has ended, then {@link #piece} for new output; the last one calls {@link
 * #end}.
 */
interface OutputFollower {

  /** The job's current state; returns whether anything was sent. */
  default boolean job(Job job) throws IOException {
    return false;
  }

  /** Where to start in an attempt's output. */
  default MergedOutput begin(JobOutputs outputs, AttemptId attempt) {
    return new MergedOutput(outputs, attempt);
  }

  void piece(OutputPiece piece) throws IOException;

  /** Nothing more will come. */
  default void end(Job job) throws IOException {
    flush();
  }

  /** Everything available so far was sent. */
  void flush() throws IOException;

  /** Nothing was sent for a while; returns whether to continue. */
  default boolean idle(Duration since, Duration longest) throws IOException {
    return since.compareTo(longest) < 0;
  }
}
