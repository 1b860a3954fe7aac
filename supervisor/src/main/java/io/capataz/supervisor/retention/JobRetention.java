package io.capataz.supervisor.retention;

import io.capataz.supervisor.job.JobFiles;
import io.capataz.supervisor.job.JobMoved;
import io.capataz.supervisor.job.JobQueries;
import io.capataz.supervisor.job.JobRemoval;
import io.capataz.supervisor.job.Jobs;
import io.capataz.supervisor.run.IdempotencyKeys;
import io.capataz.supervisor.task.Task;
import io.capataz.supervisor.task.Task.Policy;
import io.capataz.supervisor.task.Tasks;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
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
    for (var task : Map.copyOf(touched).entrySet()) {
      touched.remove(task.getKey());
      sweep(task.getValue(), task.getKey(), clock.instant());
    }
  }

  @Scheduled(fixedDelayString = "PT1H", initialDelayString = "PT15M")
  void sweepAll() {
    for (var next = queries.firstOfTaskAfter("");
        next.isPresent();
        next = queries.firstOfTaskAfter(next.get().task())) {
      sweep(next.get().organization(), next.get().task(), clock.instant());
    }
  }

  /** Removes a task's excess jobs as of an instant. */
  void sweep(String organization, String id, Instant now) {
    var task = tasks.find(organization, id);
    var policy = task.map(Task::policy);
    var most = policy.map(Policy::keepJobs).orElse(settings.keepJobs());
    var days = policy.map(Policy::keepDays).orElse(settings.keepDays());
    var removed = 0L;
    var found = queries.endedBeyond(id, most, now.minus(AT_LEAST), PAGE);
    for (; !found.isEmpty(); found = queries.endedBeyond(id, most, now.minus(AT_LEAST), PAGE)) {
      removed += removal.remove(found);
    }
    var old = now.minus(Duration.ofDays(days));
    found = queries.endedBeyond(id, 0, old, PAGE);
    for (; !found.isEmpty(); found = queries.endedBeyond(id, 0, old, PAGE)) {
      removed += removal.remove(found);
    }
    if (removed > 0) {
      log.atInfo().addKeyValue("task", id).addKeyValue("jobs", removed).log("old jobs removed");
    }
  }

  /** Removes files stored for jobs that were never created. */
  @Scheduled(fixedDelayString = "PT6H", initialDelayString = "PT30M")
  void sweepFiles() {
    sweepFiles(clock.instant());
  }

  void sweepFiles(Instant now) {
    var border = now.minus(FILES_WITHOUT_JOB);
    for (var next = files.firstJobAfter("", border);
        next.isPresent();
        next = files.firstJobAfter(next.get(), border)) {
      Optional.of(next.get()).filter(job -> jobs.find(job).isEmpty()).ifPresent(files::remove);
    }
  }
}
