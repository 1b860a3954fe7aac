package io.capataz.supervisor.job;

import io.capataz.supervisor.web.ApiProblem;
import io.capataz.supervisor.web.OpenRequests;
import java.time.Duration;
import java.util.function.Supplier;
import org.springframework.stereotype.Component;

/** Waits for the end of jobs on behalf of callers. */
@Component
public class JobEnds {

  /** Only a net: moves made here signal at once, and {@link WatchedJobs} finds others' moves. */
  private static final Duration LOOK_AGAIN = Duration.ofSeconds(10);

  private final JobSignals signals;
  private final WatchedJobs watched;
  private final OpenRequests open;

  JobEnds(JobSignals signals, WatchedJobs watched, OpenRequests open) {
    this.signals = signals;
    this.watched = watched;
    this.open = open;
  }

  /**
   * Waits until the job has ended, or {@code atMost} has passed.
   *
   * @param look finds the job anew each time, as far as the caller may still see it
   * @return the job as it was seen last
   * @throws ApiProblem 429 if too many wait already
   */
  public Job await(String id, Supplier<Job> look, Duration atMost) throws InterruptedException {
    var begun = System.nanoTime();
    var seen = signals.now(id);
    var job = look.get();
    if (job.state().isFinal() || !atMost.isPositive()) {
      return job;
    }
    try (var _ = open.enter(job.organization());
        var _ = watched.watch(id)) {
      while (true) {
        var left = atMost.minusNanos(System.nanoTime() - begun);
        if (job.state().isFinal() || !left.isPositive()) {
          return job;
        }
        signals.await(id, seen, left.compareTo(LOOK_AGAIN) < 0 ? left : LOOK_AGAIN);
        seen = signals.now(id);
        job = look.get();
      }
    }
  }
}
