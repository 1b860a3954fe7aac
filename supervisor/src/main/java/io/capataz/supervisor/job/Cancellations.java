package io.capataz.supervisor.job;

import static io.capataz.supervisor.job.JobFields.ATTEMPT;
import static io.capataz.supervisor.job.JobFields.CREATED;
import static io.capataz.supervisor.job.JobFields.ORGANIZATION;
import static io.capataz.supervisor.job.JobFields.REV;
import static io.capataz.supervisor.job.JobFields.STATE;
import static io.capataz.supervisor.job.JobFields.STOP;
import static io.capataz.supervisor.runtime.MongoRetry.idempotent;

import io.capataz.common.protocol.Outcome;
import io.capataz.supervisor.job.Job.Ending;
import io.capataz.supervisor.job.Job.Stop;
import io.capataz.supervisor.runtime.CompareAndSet;
import io.capataz.supervisor.task.WaitingJobs;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.data.mongodb.core.query.Criteria;
import org.springframework.data.mongodb.core.query.Query;
import org.springframework.data.mongodb.core.query.Update;
import org.springframework.stereotype.Repository;

/** Cancels jobs: at once before their start, afterwards through their agents. */
@Repository
public class Cancellations implements WaitingJobs {

  private final CompareAndSet store;
  private final Jobs jobs;
  private final JobMoves moves;
  private final JobQueries queries;
  private final InstantSource clock;
  private final ApplicationEventPublisher events;

  Cancellations(
      CompareAndSet store,
      Jobs jobs,
      JobMoves moves,
      JobQueries queries,
      InstantSource clock,
      ApplicationEventPublisher events) {
    this.store = store;
    this.jobs = jobs;
    this.moves = moves;
    this.queries = queries;
    this.clock = clock;
    this.events = events;
  }

  /** What became of the wish to end a job. */
  public enum Cancel {
    /** It had not started, and never will. */
    CANCELED,
    /** It is under way; its agent gets a request to end it. */
    STOPPING,
    /** It had ended already, and stays as it is. */
    ENDED
  }

  /**
   * Cancels a job: at once before its start, afterwards through its agent.
   *
   * @return what became of it; empty if it is gone
   */
  public Optional<Cancel> cancel(Job job, String by) {
    if (cancelIfWaiting(job, by).isPresent()) {
      return Optional.of(Cancel.CANCELED);
    }
    var underWay =
        Query.query(Jobs.owned(job.organization(), job.id()).and(STATE).in(JobState.underWay()));
    var stop = new Update().set(STOP, new Stop(clock.instant(), by)).inc(REV, 1);
    Optional<Job> stopping = idempotent(() -> store.change(Job.class, underWay, stop));
    if (stopping.isPresent()) {
      stopping.flatMap(Job::host).ifPresent(host -> events.publishEvent(new StopAsked(host)));
      return Optional.of(Cancel.STOPPING);
    }
    var now = jobs.find(job.organization(), job.id());
    if (now.filter(it -> !it.state().isFinal()).isPresent()) {
      // It moved between the two looks: given back, or waiting for another attempt.
      return cancel(now.get(), by);
    }
    return now.map(_ -> Cancel.ENDED);
  }

  /** Cancels a job that has not begun; empty if it has. */
  public Optional<Job> cancelIfWaiting(Job job, String by) {
    return moves.make(
        JobMove.CANCEL, job, new Mover.Person(by), Jobs.of(job.organization()), new Update());
  }

  @Override
  public void cancelWaiting(String organization, String task, String by) {
    var _ = cancelAllWaiting(organization, task, by);
  }

  /** Cancels all jobs of a task that wait by now; how many that were. */
  public long cancelAllWaiting(String organization, String task, String by) {
    var now = clock.instant();
    var canceled = 0L;
    while (true) {
      // Each is moved or has moved on by itself, so that every look finds others.
      var some =
          queries.ofTask(
              task,
              JobState::waits,
              Criteria.where(ORGANIZATION).is(organization).and(CREATED).lte(now),
              0,
              JobQueries.PAGE);
      if (some.isEmpty()) {
        return canceled;
      }
      canceled += some.stream().filter(job -> cancelIfWaiting(job, by).isPresent()).count();
    }
  }

  /**
   * Ends a job whose agent cannot be reached, and raises the fence so that its late reports are
   * rejected.
   */
  Optional<Job> force(Job job, String by) {
    return moves.make(
        JobMove.FORCE,
        job,
        new Mover.Person(by, job.fence()),
        UnaryOperator.identity(),
        jobs.attemptOver(new Update(), job, Ending.of(new Outcome.Canceled())).inc(ATTEMPT, 1));
  }
}
