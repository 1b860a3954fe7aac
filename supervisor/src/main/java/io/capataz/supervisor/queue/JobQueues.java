package io.capataz.supervisor.queue;

import static io.capataz.supervisor.runtime.MongoRetry.idempotent;

import io.capataz.supervisor.job.Job;
import io.capataz.supervisor.job.Job.Limit;
import io.capataz.supervisor.job.Job.Spec;
import io.capataz.supervisor.job.JobState;
import io.capataz.supervisor.job.Jobs;
import io.capataz.supervisor.job.QueueName;
import io.capataz.supervisor.task.Task.Target;
import java.time.Instant;
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
      Sort.by(Direction.DESC, "priority").and(Sort.by(Direction.ASC, "ready", "_id"));

  private final MongoOperations mongo;
  private final InstantSource clock;
  private final String collection;

  JobQueues(MongoOperations mongo, InstantSource clock) {
    this.mongo = mongo;
    this.clock = clock;
    this.collection = mongo.getCollectionName(Job.class);
  }

  /** The part of a waiting job that is needed to grant it. */
  public record Waiting(
      @Id String id,
      Target target,
      String queue,
      int priority,
      Instant ready,
      int generation,
      Limits spec) {

    /** Only the limits of a job's {@link Spec}. */
    public record Limits(List<Limit> limits) {
      public Limits {
        limits = List.copyOf(limits);
      }
    }

    public List<Limit> limits() {
      return spec.limits();
    }

    /** Whether it is granted before another one. */
    boolean comesBefore(Waiting other) {
      if (priority != other.priority) {
        return priority > other.priority;
      }
      return ready.equals(other.ready) ? id.compareTo(other.id) < 0 : ready.isBefore(other.ready);
    }
  }

  /** The first jobs of several queues, merged. */
  public List<Waiting> next(Collection<String> queues, int limit) {
    return find(waitingIn(queues), limit);
  }

  /** Those of the named jobs that wait in one of the queues, in order. */
  public List<Waiting> named(Collection<String> ids, Collection<String> queues) {
    return find(
        Criteria.where("_id").in(ids).and("state").is(JobState.READY).and("queue").in(queues),
        ids.size());
  }

  private List<Waiting> find(Criteria which, int limit) {
    var query = Query.query(which).with(ORDER).limit(limit);
    query.fields().include("target", "queue", "priority", "ready", "generation", "spec.limits");
    return idempotent(() -> mongo.find(query, Waiting.class, collection));
  }

  Optional<Waiting> first(String queue) {
    return next(List.of(queue), 1).stream().findFirst();
  }

  /** How many jobs are ahead of a job in its queue, counted up to {@code most}. */
  long ahead(Job job, int most) {
    // Two counts, because each is a range of the index; one count would scan the queue.
    var urgent = count(waitingIn(List.of(job.queue())).and("priority").gt(job.priority()), most);
    var earlier =
        count(
            waitingIn(List.of(job.queue()))
                .and("priority")
                .is(job.priority())
                .and("ready")
                .lt(job.ready()),
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
                Criteria.where("state")
                    .is(JobState.READY)
                    .and("queue")
                    .gt(queue)
                    .lt(QueueName.LIMITS + Character.MAX_VALUE))
            .with(Sort.by("queue"))
            .limit(1);
    query.fields().include("target", "queue", "priority", "ready", "generation", "spec.limits");
    return idempotent(() -> mongo.find(query, Waiting.class, collection)).stream().findFirst();
  }

  /** Moves a job to the queue of the limit that blocks it; false if it has left its queue since. */
  boolean block(Waiting job, Limit limit) {
    return idempotent(
                () ->
                    mongo.updateFirst(
                        inQueue(job.id(), job.queue()),
                        new Update().set("queue", QueueName.ofLimit(limit.key())).inc("rev", 1),
                        Job.class))
            .getModifiedCount()
        > 0;
  }

  /** Returns a blocked job to its home queue, to be announced. */
  Optional<Job> unblock(Waiting blocked) {
    var update =
        new Update()
            .set("queue", QueueName.home(blocked.target()))
            .set("outbox.at", clock.instant().plus(Jobs.FAST_WAY))
            .inc("outbox.seq", 1)
            .inc("rev", 1);
    return idempotent(
        () ->
            Optional.ofNullable(
                mongo.findAndModify(
                    inQueue(blocked.id(), blocked.queue()),
                    update,
                    FindAndModifyOptions.options().returnNew(true),
                    Job.class)));
  }

  private static Query inQueue(String job, String queue) {
    return Query.query(
        Criteria.where("_id").is(job).and("state").is(JobState.READY).and("queue").is(queue));
  }

  private static Criteria waitingIn(Collection<String> queues) {
    return Criteria.where("state").is(JobState.READY).and("queue").in(queues);
  }
}
