package io.capataz.supervisor.retention;

import io.capataz.supervisor.job.Job;
import io.capataz.supervisor.job.JobFiles;
import io.capataz.supervisor.job.JobMoved;
import io.capataz.supervisor.job.JobQueries;
import io.capataz.supervisor.job.JobRemoval;
import io.capataz.supervisor.job.Jobs;
import io.capataz.supervisor.run.IdempotencyKeys;
import io.capataz.supervisor.runtime.Round;
import io.capataz.supervisor.task.Task;
import io.capataz.supervisor.task.Task.Policy;
import io.capataz.supervisor.task.Tasks;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.event.EventListener;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/**
 * Removes old jobs: of each task, those that are too many or too old. Unfinished jobs are never
 * removed. All supervisors do this in small batches; doing it twice does no harm.
 *
 * <p>Tasks with recently finished jobs are checked soon. A round through all tasks with jobs finds
 * what a crash left, what has merely grown old, and the jobs of deleted tasks.
 */
@Component
class JobRetention {

  private static final Logger log = LoggerFactory.getLogger(JobRetention.class);

  /** Clients waiting for the end of a job must be able to read it. */
  static final Duration AT_LEAST = Duration.ofMinutes(10);

  /** Longer than an idempotency key is remembered: such a post can no longer be completed. */
  static final Duration FILES_WITHOUT_JOB = IdempotencyKeys.LIFE.plusDays(1);

  private static final int PAGE = 100;

  /** The round finds the rest. */
  private static final int MOST_REMEMBERED = 10_000;

  private final Jobs jobs;
  private final JobQueries queries;
  private final JobRemoval removal;
  private final JobFiles files;
  private final Tasks tasks;
  private final RetentionSettings settings;
  private final InstantSource clock;

  /** Organizations by tasks in which a job ended recently. */
  private final Map<String, String> touched = new ConcurrentHashMap<>();

  /** The task that {@link #sweepAll} has come to; a round may take several calls. */
  private volatile String swept = "";

  /** The job that {@link #sweepFiles()} has come to. */
  private volatile String filesSwept = "";

  JobRetention(
      Jobs jobs,
      JobQueries queries,
      JobRemoval removal,
      JobFiles files,
      Tasks tasks,
      RetentionSettings settings,
      InstantSource clock) {
    this.jobs = jobs;
    this.queries = queries;
    this.removal = removal;
    this.files = files;
    this.tasks = tasks;
    this.settings = settings;
    this.clock = clock;
  }

  @EventListener
  void on(JobMoved moved) {
    if (moved.move().to().isFinal() && touched.size() < MOST_REMEMBERED) {
      touched.put(moved.job().task(), moved.job().organization());
    }
  }

  @Scheduled(fixedDelayString = "PT5M", initialDelayString = "PT5M")
  void sweepWhereJobsEnded() {
    var round = Round.ofCleanup();
    for (var task : Map.copyOf(touched).entrySet()) {
      touched.remove(task.getKey());
      sweep(task.getValue(), task.getKey(), clock.instant(), round);
      if (round.isOver()) {
        touched.put(task.getKey(), task.getValue());
        return;
      }
    }
  }

  @Scheduled(fixedDelayString = "PT1H", initialDelayString = "PT15M")
  void sweepAll() {
    var round = Round.ofCleanup();
    for (var next = queries.firstOfTaskAfter(swept);
        next.isPresent();
        next = queries.firstOfTaskAfter(swept)) {
      swept = next.get().task();
      sweep(next.get().organization(), swept, clock.instant(), round);
      if (round.isOver()) {
        return;
      }
    }
    swept = "";
  }

  /** Removes a task's excess jobs as of an instant. */
  void sweep(String organization, String id, Instant now) {
    sweep(organization, id, now, Round.ofCleanup());
  }

  private void sweep(String organization, String id, Instant now, Round round) {
    var task = tasks.find(organization, id);
    var policy = task.map(Task::policy);
    var most = policy.map(Policy::keepJobs).orElse(settings.keepJobs());
    var days = policy.map(Policy::keepDays).orElse(settings.keepDays());
    var removed =
        removeBeyond(id, most, now.minus(AT_LEAST), round)
            + removeBeyond(id, 0, now.minus(Duration.ofDays(days)), round);
    if (removed > 0) {
      log.atInfo().addKeyValue("task", id).addKeyValue("jobs", removed).log("old jobs removed");
    }
  }

  private long removeBeyond(String task, int most, Instant before, Round round) {
    var removed = 0L;
    List<Job> found;
    do {
      found = queries.endedBeyond(task, most, before, PAGE);
      removed += found.isEmpty() ? 0 : removal.remove(found);
    } while (!found.isEmpty() && !round.isOver());
    return removed;
  }

  /** Removes files stored for jobs that were never created. */
  @Scheduled(fixedDelayString = "PT6H", initialDelayString = "PT30M")
  void sweepFiles() {
    sweepFiles(clock.instant());
  }

  void sweepFiles(Instant now) {
    var border = now.minus(FILES_WITHOUT_JOB);
    var round = Round.ofCleanup();
    for (var next = files.firstJobAfter(filesSwept, border);
        next.isPresent();
        next = files.firstJobAfter(filesSwept, border)) {
      filesSwept = next.get();
      Optional.of(filesSwept).filter(job -> jobs.find(job).isEmpty()).ifPresent(files::remove);
      if (round.isOver()) {
        return;
      }
    }
    filesSwept = "";
  }
}
