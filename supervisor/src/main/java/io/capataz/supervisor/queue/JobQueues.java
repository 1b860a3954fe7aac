package io.capataz.supervisor.queue;

import static io.capataz.supervisor.job.JobFields.ANNOUNCE_AT;
import static io.capataz.supervisor.job.JobFields.ANNOUNCE_SEQ;
import static io.capataz.supervisor.job.JobFields.GENERATION;
import static io.capataz.supervisor.job.JobFields.ID;
import static io.capataz.supervisor.job.JobFields.LIMITS;
import static io.capataz.supervisor.job.JobFields.PRIORITY;
import static io.capataz.supervisor.job.JobFields.QUEUE;
import static io.capataz.supervisor.job.JobFields.READY_SINCE;
import static io.capataz.supervisor.job.JobFields.REV;
import static io.capataz.supervisor.job.JobFields.STATE;
import static io.capataz.supervisor.job.JobFields.TARGET;
import static io.capataz.supervisor.runtime.MongoRetry.idempotent;

import io.capataz.supervisor.job.Job;
import io.capataz.supervisor.job.Job.Limit;
import io.capataz.supervisor.job.Job.Placement;
import io.capataz.supervisor.job.JobState;
import io.capataz.supervisor.job.Jobs;
import io.capataz.supervisor.job.QueueName;
import java.time.InstantSource;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.springframework.data.annotation.Id;
import org.springframework.data.domain.Sort;
import org.springframework.data.domain.Sort.Direction;
import org.springframework.data.mongodb.core.FindAndModifyOptions;
import org.springframework.data.mongodb.core.MongoOperations;
import org.springframework.data.mongodb.core.query.Criteria;
import org.springframework.data.mongodb.core.query.Query;
import org.springframework.data.mongodb.core.query.Update;
import org.springframework.stereotype.Repository;

/** The queues of READY jobs, and the order in which jobs are granted. */
@Repository
public class JobQueues {

  /** The order of a queue: served by the index on state, queue and these fields. */
  static final Sort ORDER =
      Sort.by(Direction.DESC, PRIORITY).and(Sort.by(Direction.ASC, READY_SINCE, ID));

  private final MongoOperations mongo;
  private final InstantSource clock;
  private final String collection;

  JobQueues(MongoOperations mongo, InstantSource clock) {
    this.mongo = mongo;
    this.clock = clock;
    this.collection = mongo.getCollectionName(Job.class);
  }

  /**
   * The part of a waiting job that is needed to grant it: a {@link Job} of which only these fields
   * are read.
   */
  public record Waiting(@Id String id, Placement placement, Holding holding, Spec spec) {

    /** Of a job's holding, only this. */
    public record Holding(int generation) {}

    /** Of a job's spec, only this. */
    public record Spec(List<Limit> limits) {
      public Spec {
        limits = List.copyOf(limits);
      }
    }

    public List<Limit> limits() {
      return spec.limits();
    }

    public int generation() {
      return holding.generation();
    }

    /** Whether it is granted before another one. */
    boolean comesBefore(Waiting other) {
      var mine = placement;
      var its = other.placement;
      if (mine.priority() != its.priority()) {
        return mine.priority() > its.priority();
      }
      return mine.ready().equals(its.ready())
          ? id.compareTo(other.id) < 0
          : mine.ready().isBefore(its.ready());
    }
  }

  /** The first jobs of several queues, merged. */
  public List<Waiting> next(Collection<String> queues, int limit) {
    return find(waitingIn(queues), limit);
  }

  /** Those of the named jobs that wait in one of the queues, in order. */
  public List<Waiting> named(Collection<String> ids, Collection<String> queues) {
    return find(
        Criteria.where(ID).in(ids).and(STATE).is(JobState.READY).and(QUEUE).in(queues), ids.size());
  }

  private List<Waiting> find(Criteria which, int limit) {
    var query = Query.query(which).with(ORDER).limit(limit);
    query.fields().include(TARGET, QUEUE, PRIORITY, READY_SINCE, GENERATION, LIMITS);
    return idempotent(() -> mongo.find(query, Waiting.class, collection));
  }

  Optional<Waiting> first(String queue) {
    return next(List.of(queue), 1).stream().findFirst();
  }

  /** How many jobs are ahead of a job in its queue, counted up to {@code most}. */
  long ahead(Job job, int most) {
    // Two counts, because each is a range of the index; one count would scan the queue.
    var urgent =
        count(
            waitingIn(List.of(job.placement().queue()))
                .and(PRIORITY)
                .gt(job.placement().priority()),
            most);
    var earlier =
        count(
            waitingIn(List.of(job.placement().queue()))
                .and(PRIORITY)
                .is(job.placement().priority())
                .and(READY_SINCE)
                .lt(job.placement().ready()),
            most);
    return Math.min(urgent + earlier, most);
  }

  private long count(Criteria which, int most) {
    return mongo.count(Query.query(which).limit(most), collection);
  }

  /** The first job of the next queue, by name, in which jobs are blocked by a limit. */
  Optional<Waiting> firstOfNextLimit(String queue) {
    var query =
        Query.query(
                Criteria.where(STATE)
                    .is(JobState.READY)
                    .and(QUEUE)
                    .gt(queue)
                    .lt(QueueName.LIMITS + Character.MAX_VALUE))
            .with(Sort.by(QUEUE))
            .limit(1);
    query.fields().include(TARGET, QUEUE, PRIORITY, READY_SINCE, GENERATION, LIMITS);
    return idempotent(() -> mongo.find(query, Waiting.class, collection)).stream().findFirst();
  }

  /** Moves a job to the queue of the limit that blocks it; false if it has left its queue since. */
  boolean block(Waiting job, Limit limit) {
    return idempotent(
                () ->
                    mongo.updateFirst(
                        inQueue(job.id(), job.placement().queue()),
                        new Update().set(QUEUE, QueueName.ofLimit(limit.key())).inc(REV, 1),
                        Job.class))
            .getModifiedCount()
        > 0;
  }

  /** Returns a blocked job to its home queue, to be announced. */
  Optional<Job> unblock(Waiting blocked) {
    var update =
        new Update()
            .set(QUEUE, QueueName.home(blocked.placement().target()))
            .set(ANNOUNCE_AT, clock.instant().plus(Jobs.FAST_WAY))
            .inc(ANNOUNCE_SEQ, 1)
            .inc(REV, 1);
    return idempotent(
        () ->
            Optional.ofNullable(
                mongo.findAndModify(
                    inQueue(blocked.id(), blocked.placement().queue()),
                    update,
                    FindAndModifyOptions.options().returnNew(true),
                    Job.class)));
  }

  private static Query inQueue(String job, String queue) {
    return Query.query(
        Criteria.where(ID).is(job).and(STATE).is(JobState.READY).and(QUEUE).is(queue));
  }

  private static Criteria waitingIn(Collection<String> queues) {
    return Criteria.where(STATE).is(JobState.READY).and(QUEUE).in(queues);
  }
}
