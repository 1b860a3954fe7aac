package io.capataz.supervisor.job;

import static io.capataz.supervisor.job.JobFields.ANNOUNCE_AT;
import static io.capataz.supervisor.job.JobFields.DUE;
import static io.capataz.supervisor.job.JobFields.EFFECTS;
import static io.capataz.supervisor.job.JobFields.EFFECTS_DUE;
import static io.capataz.supervisor.job.JobFields.ENDED;
import static io.capataz.supervisor.job.JobFields.HISTORY;
import static io.capataz.supervisor.job.JobFields.ID;
import static io.capataz.supervisor.job.JobFields.REV;
import static io.capataz.supervisor.job.JobFields.SILENT_SINCE;
import static io.capataz.supervisor.job.JobFields.START_BY;
import static io.capataz.supervisor.job.JobFields.STATE;
import static io.capataz.supervisor.runtime.MongoRetry.verified;

import io.capataz.supervisor.job.Job.Moved;
import io.capataz.supervisor.runtime.CompareAndSet;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.data.mongodb.core.MongoOperations;
import org.springframework.data.mongodb.core.query.Criteria;
import org.springframework.data.mongodb.core.query.Query;
import org.springframework.data.mongodb.core.query.Update;
import org.springframework.stereotype.Repository;

/** The one way to move a job: a compare-and-set whose filter comes from {@link JobMove}. */
@Repository
class JobMoves {

  private final MongoOperations mongo;
  private final CompareAndSet store;
  private final KnownJobs known;
  private final InstantSource clock;
  private final FollowUps followUps;
  private final ApplicationEventPublisher events;
  private final SecureRandom random = new SecureRandom();

  JobMoves(
      MongoOperations mongo,
      CompareAndSet store,
      KnownJobs known,
      InstantSource clock,
      FollowUps followUps,
      ApplicationEventPublisher events) {
    this.mongo = mongo;
    this.store = store;
    this.known = known;
    this.clock = clock;
    this.followUps = followUps;
    this.events = events;
  }

  /**
   * Makes a move, unless the job has moved on or another attempt has taken over.
   *
   * @param read the job as it was read, for what follows from the move
   * @param guard what else must hold of the job in the store
   * @return the job after the move; empty if it was not made
   */
  Optional<Job> make(
      JobMove move, Job read, Mover mover, UnaryOperator<Criteria> guard, Update facts) {
    move.checkJob(read);
    if (move.isFollowed()) {
      var effects = followUps.after(read, move);
      if (!effects.isEmpty()) {
        facts
            .push(EFFECTS)
            .each(effects.toArray())
            .set(EFFECTS_DUE, clock.instant().plus(Jobs.FAST_WAY));
      }
    }
    return make(move, read.id(), mover, guard, facts);
  }

  /** Makes a move from which nothing follows, of a job that need not be read before. */
  Optional<Job> makeUnread(
      JobMove move, String id, Mover mover, UnaryOperator<Criteria> guard, Update facts) {
    if (move.isFollowed()) {
      throw new IllegalArgumentException(move + " takes the job as it was read.");
    }
    return make(move, id, mover, guard, facts);
  }

  private Optional<Job> make(
      JobMove move, String id, Mover mover, UnaryOperator<Criteria> guard, Update facts) {
    move.checkMaker(mover);
    var fence = mover.fence();
    var which = guard.apply(fence == null ? Criteria.where(ID).is(id) : Jobs.held(fence));
    var now = clock.instant();
    var mark = Long.toHexString(random.nextLong());
    var stillThere = Query.query(which.and(STATE).in(move.from()));
    facts
        .set(STATE, move.to())
        .inc(REV, 1)
        .push(HISTORY)
        .slice(-Jobs.REMEMBERED)
        .each(new Moved(move, move.to(), now, mover.name(), mark));
    if (move == JobMove.LOSE_TOUCH) {
      facts.set(SILENT_SINCE, now);
    } else if (move.from().contains(JobState.SILENT)) {
      facts.unset(SILENT_SINCE);
    }
    if (move.to().isFinal()) {
      facts.set(ENDED, now).unset(ANNOUNCE_AT).unset(DUE).unset(START_BY);
    }
    Optional<Job> moved =
        verified(
            () -> store.change(Job.class, stillThere, facts),
            () ->
                Optional.ofNullable(mongo.findById(id, Job.class))
                    .filter(
                        job -> job.past().history().stream().anyMatch(m -> m.mark().equals(mark))));
    moved.ifPresent(
        job -> {
          known.saw(job);
          events.publishEvent(new JobMoved(job, move));
          if (job.state() == JobState.READY) {
            events.publishEvent(new JobReady(job));
          }
        });
    return moved;
  }
}
