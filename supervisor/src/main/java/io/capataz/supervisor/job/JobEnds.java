package io.capataz.supervisor.job;

import java.time.Duration;
import java.util.function.Supplier;
import org.springframework.stereotype.Component;

/** Waits for the end of jobs on behalf of callers. */
@Component
public class JobEnds {

  /** Moves made by other supervisors are found by polling only. */
  private static final Duration LOOK_AGAIN = Duration.ofMillis(500);

  private final JobSignals watch;

  JobEnds(JobSignals watch) {
    this.watch = watch;
  }

  /**
   * Waits until the job has ended, or {@code atMost} has passed.
   *
   * @param look finds the job anew each time, as far as the caller may still see it
   * @return the job as it was seen last
   */
  public Job await(String id, Supplier<Job> look, Duration atMost) throws InterruptedException {
    var begun = System.nanoTime();
    while (true) {
      var seen = watch.now(id);
      var job = look.get();
      var left = atMost.minusNanos(System.nanoTime() - begun);
      if (job.state().isFinal() || !left.isPositive()) {
        return job;
      }
      watch.await(id, seen, left.compareTo(LOOK_AGAIN) < 0 ? left : LOOK_AGAIN);
    }
  }
}
