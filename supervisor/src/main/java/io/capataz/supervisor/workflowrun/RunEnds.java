package io.capataz.supervisor.workflowrun;

import io.capataz.supervisor.web.OpenRequests;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.springframework.context.event.EventListener;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/** Waits for the end of runs on behalf of callers, as {@code JobEnds} does for jobs. */
@Component
class RunEnds {

  private final WorkflowRuns runs;
  private final OpenRequests open;
  private final Map<String, CountDownLatch> waiting = new ConcurrentHashMap<>();

  RunEnds(WorkflowRuns runs, OpenRequests open) {
    this.runs = runs;
    this.open = open;
  }

  /**
   * Waits until the run is closed, or the time is up.
   *
   * @return the run as it is then
   */
  WorkflowRun await(WorkflowRun run, Duration atMost) throws InterruptedException {
    if (run.isClosed() || !atMost.isPositive()) {
      return run;
    }
    try (var _ = open.enter(run.organization())) {
      var latch = waiting.computeIfAbsent(run.id(), _ -> new CountDownLatch(1));
      // It may have been closed before anybody waited.
      if (runs.find(run.id()).filter(it -> !it.isClosed()).isPresent()) {
        var _ = latch.await(atMost.toNanos(), TimeUnit.NANOSECONDS);
      }
      return runs.find(run.id()).orElse(run);
    }
  }

  @EventListener
  void on(Closings.Closed closed) {
    ended(closed.run());
  }

  private void ended(String run) {
    var latch = waiting.remove(run);
    if (latch != null) {
      latch.countDown();
    }
  }

  /** Finds runs that were closed by another supervisor. */
  @Scheduled(fixedDelayString = "PT0.5S")
  void look() {
    var those = List.copyOf(waiting.keySet());
    if (!those.isEmpty()) {
      runs.closed(those).forEach(this::ended);
    }
  }
}
