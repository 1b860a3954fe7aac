package io.capataz.supervisor.job;

import static io.capataz.supervisor.job.JobFields.ID;
import static io.capataz.supervisor.job.JobFields.STATE;

import io.capataz.supervisor.web.ApiProblem;
import io.capataz.supervisor.web.OpenRequests;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.event.EventListener;
import org.springframework.dao.DataAccessException;
import org.springframework.data.annotation.Id;
import org.springframework.data.mongodb.core.MongoOperations;
import org.springframework.data.mongodb.core.query.Criteria;
import org.springframework.data.mongodb.core.query.Query;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Repository;

/**
 * Waits for the end of jobs on behalf of callers. A job that ends here is handed to those who wait
 * for it. Another supervisor may end it too: one query looks after all jobs that are waited for,
 * however many wait.
 */
@Repository
public class JobEnds {

  private static final Logger log = LoggerFactory.getLogger(JobEnds.class);

  private static final int AT_ONCE = 500;

  private final MongoOperations mongo;
  private final KnownJobs known;
  private final OpenRequests open;
  private final String collection;
  private final Map<String, Waiting> waiting = new ConcurrentHashMap<>();

  JobEnds(MongoOperations mongo, KnownJobs known, OpenRequests open) {
    this.mongo = mongo;
    this.known = known;
    this.open = open;
    this.collection = mongo.getCollectionName(Job.class);
  }

  /**
   * Those who wait for one job.
   *
   * @param count how many
   * @param end the job as it ended; empty if it ended elsewhere or was removed, so that each of
   *     them has to look
   */
  private record Waiting(int count, CompletableFuture<Optional<Job>> end) {}

  /**
   * Waits until the job has ended, or {@code atMost} has passed.
   *
   * @param job as it was read
   * @param look reads the job again, as far as the caller may still see it
   * @return the job as it ended, or as it is when the time is up
   * @throws ApiProblem 429 if too many wait already
   */
  public Job await(Job job, Supplier<Job> look, Duration atMost) throws InterruptedException {
    if (job.state().isFinal() || !atMost.isPositive()) {
      return job;
    }
    try (var _ = open.enter(job.organization())) {
      return awaitEnd(job.id(), atMost).orElseGet(look);
    }
  }

  /** Empty if the job has to be read. */
  private Optional<Job> awaitEnd(String job, Duration atMost) throws InterruptedException {
    var end = enter(job);
    try {
      // It may have ended here since it was read.
      var ended = known.last(job).filter(it -> it.state().isFinal());
      return ended.isPresent() ? ended : end.get(atMost.toNanos(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException over) {
      return Optional.empty();
    } catch (ExecutionException never) {
      throw new IllegalStateException("The end of a job is never a failure.", never);
    } finally {
      leave(job);
    }
  }

  private CompletableFuture<Optional<Job>> enter(String job) {
    return waiting
        .merge(
            job,
            new Waiting(1, new CompletableFuture<>()),
            (now, _) -> new Waiting(now.count() + 1, now.end()))
        .end();
  }

  private void leave(String job) {
    waiting.computeIfPresent(
        job, (_, now) -> now.count() == 1 ? null : new Waiting(now.count() - 1, now.end()));
  }

  @EventListener
  void on(JobMoved moved) {
    if (moved.job().state().isFinal()) {
      ended(moved.job().id(), Optional.of(moved.job()));
    }
  }

  private void ended(String job, Optional<Job> end) {
    var those = waiting.get(job);
    if (those != null) {
      those.end().complete(end);
    }
  }

  private record Seen(@Id String id, JobState state) {}

  /** Finds jobs that ended at another supervisor, or were removed. */
  @Scheduled(fixedDelayString = "PT0.5S")
  void look() {
    var jobs = List.copyOf(waiting.keySet());
    try {
      for (var from = 0; from < jobs.size(); from += AT_ONCE) {
        look(jobs.subList(from, Math.min(from + AT_ONCE, jobs.size())));
      }
    } catch (DataAccessException away) {
      // Each waiting request looks at its job when its time is up, and fails then.
      log.atDebug().setCause(away).log("jobs that are waited for could not be looked at");
    }
  }

  private void look(List<String> jobs) {
    var query = Query.query(Criteria.where(ID).in(jobs));
    query.fields().include(STATE);
    var open =
        mongo.find(query, Seen.class, collection).stream()
            .filter(job -> !job.state().isFinal())
            .map(Seen::id)
            .collect(Collectors.toSet());
    jobs.stream().filter(job -> !open.contains(job)).forEach(job -> ended(job, Optional.empty()));
  }
}
