package io.capataz.supervisor.event;

import io.capataz.supervisor.job.JobMade;
import io.capataz.supervisor.job.JobMoved;
import io.capataz.supervisor.progress.ProgressMade;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.stream.Collectors;
import org.springframework.context.event.EventListener;
import org.springframework.stereotype.Component;

/**
 * Takes what happens to jobs in this process to the clients here, and to the other supervisors. It
 * costs a job the time to add it to a queue.
 */
@Component
class LocalEvents {

  private static final int MOST_WAITING = 20_000;

  /** A client wakes at most so often. */
  private static final Duration PAUSE = Duration.ofMillis(15);

  private final EventLogs logs;
  private final OtherSupervisors others;
  private final Batches<JobChange> here;

  LocalEvents(EventLogs logs, OtherSupervisors others, ExecutorService background) {
    this.logs = logs;
    this.others = others;
    this.here = new Batches<>(background, MOST_WAITING, PAUSE, this::addToLogs);
  }

  @EventListener
  void on(JobMade made) {
    happened(new JobChange(made.job(), null));
  }

  @EventListener
  void on(JobMoved moved) {
    happened(new JobChange(moved.job(), null));
  }

  @EventListener
  void on(ProgressMade made) {
    happened(new JobChange(made.job(), made.progress()));
  }

  private void happened(JobChange happening) {
    if (!logs.isEmpty() && !here.add(happening)) {
      others.missed();
    }
    others.tell(happening);
  }

  private void addToLogs(List<JobChange> happenings) {
    happenings.stream()
        .collect(Collectors.groupingBy(it -> it.job().organization()))
        .forEach((organization, its) -> logs.of(organization).ifPresent(log -> log.add(its)));
  }
}
