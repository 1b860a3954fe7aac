package io.capataz.supervisor.output;

import io.capataz.common.protocol.AttemptId;
import io.capataz.supervisor.job.Job;
import java.io.IOException;
import java.time.Duration;

/**
 * Somebody who is told what a job prints. Each look at the job calls {@link #begin} if it is
 * another attempt, then {@link #job} unless it has ended, then {@link #piece} for what is new; the
 * last one calls {@link #end}.
 */
interface OutputFollower {

  /** The job as it stands; whether anything was sent because of that. */
  default boolean job(Job job) throws IOException {
    return false;
  }

  /** Where to begin in an attempt's output. */
  default MergedOutput begin(JobOutputs outputs, AttemptId attempt) {
    return new MergedOutput(outputs, attempt);
  }

  void piece(OutputPiece piece) throws IOException;

  /** Nothing more will come. */
  default void end(Job job) throws IOException {
    flush();
  }

  /** All there was by now is told. */
  void flush() throws IOException;

  /** Nothing was to be told for a while; whether to go on. */
  default boolean idle(Duration since, Duration longest) throws IOException {
    return since.compareTo(longest) < 0;
  }
}
