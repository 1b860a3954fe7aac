package io.capataz.supervisor.queue;

import static io.capataz.supervisor.runtime.StoreCalls.repeatable;

import io.capataz.supervisor.job.Job;
import io.capataz.supervisor.job.Job.Limit;
import io.capataz.supervisor.job.Job.Spec;
import io.capataz.supervisor.job.JobState;
import io.capataz.supervisor.job.Jobs;
import io.capataz.supervisor.job.Line;
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

/** Where READY jobs stand in line, and who comes first. */
@Repository
public class Lines {

  /** Who comes first in a line: served by the index on state, line and these. */
  static final Sort ORDER =
      Sort.by(Direction.DESC, "priority").and(Sort.by(Direction.ASC, "ready", "_id"));

  private final MongoOperations mongo;
  private final InstantSource clock;
  private final String collection;

  Lines(MongoOperations mongo, InstantSource clock) {
    this.mongo = mongo;
    this.clock = clock;
    this.collection = mongo.getCollectionName(Job.class);
  }

  /** As much of a waiting job as is needed to grant it. */
  public record Waiting(
      @Id String id,
      Target target,
      String line,
      int priority,
      Instant ready,
      int turn,
      Limits spec) {

    /** The limits alone of a job's {@link Spec}. */
    public record Limits(List<Limit> limits) {
      public Limits {
        limits = List.copyOf(limits);
      }
    }

    public List<Limit> limits() {
      return spec.limits();
    }

    /** Whether it is to be granted before another one. */
    boolean comesBefore(Waiting other) {
      if (priority != other.priority) {
        return priority > other.priority;
      }
      return ready.equals(other.ready) ? id.compareTo(other.id) < 0 : ready.isBefore(other.ready);
    }
  }

  /** The first jobs of some lines together. */
  public List<Waiting> next(Collection<String> lines, int limit) {
    return find(standingIn(lines), limit);
  }

  /** Of these jobs the ones that stand in one of the lines, the first one first. */
  public List<Waiting> named(Collection<String> ids, Collection<String> lines) {
    return find(
        Criteria.where("_id").in(ids).and("state").is(JobState.READY).and("line").in(lines),
        ids.size());
  }

  private List<Waiting> find(Criteria which, int limit) {
    var query = Query.query(which).with(ORDER).limit(limit);
    query.fields().include("target", "line", "priority", "ready", "turn", "spec.limits");
    return repeatable(() -> mongo.find(query, Waiting.class, collection));
  }

  Optional<Waiting> first(String line) {
    return next(List.of(line), 1).stream().findFirst();
  }

  /** How many stand before a job in its line, counted up to {@code most}. */
  long ahead(Job job, int most) {
    // Two counts, because each is a range of the index; together they were a walk along the line.
    var urgent = count(standingIn(List.of(job.line())).and("priority").gt(job.priority()), most);
    var earlier =
        count(
            standingIn(List.of(job.line()))
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

  /** The line after {@code line} in which jobs wait for a seat, and the first of them. */
  Optional<Waiting> firstOfNextLimit(String line) {
    var query =
        Query.query(
                Criteria.where("state")
                    .is(JobState.READY)
                    .and("line")
                    .gt(line)
                    .lt(Line.LIMITS + Character.MAX_VALUE))
            .with(Sort.by("line"))
            .limit(1);
    query.fields().include("target", "line", "priority", "ready", "turn", "spec.limits");
    return repeatable(() -> mongo.find(query, Waiting.class, collection)).stream().findFirst();
  }

  /**
   * Puts a job aside until there is a seat in the limit; false if it no longer stands where it did.
   */
  boolean park(Waiting job, Limit limit) {
    return repeatable(
                () ->
                    mongo.updateFirst(
                        inLine(job.id(), job.line()),
                        new Update().set("line", Line.ofLimit(limit.key())).inc("rev", 1),
                        Job.class))
            .getModifiedCount()
        > 0;
  }

  /** Puts a parked job back into its home line, to be announced. */
  Optional<Job> unpark(Waiting parked) {
    var update =
        new Update()
            .set("line", Line.home(parked.target()))
            .set("wake.at", clock.instant().plus(Jobs.FAST_WAY))
            .inc("wake.seq", 1)
            .inc("rev", 1);
    return repeatable(
        () ->
            Optional.ofNullable(
                mongo.findAndModify(
                    inLine(parked.id(), parked.line()),
                    update,
                    FindAndModifyOptions.options().returnNew(true),
                    Job.class)));
  }

  private static Query inLine(String job, String line) {
    return Query.query(
        Criteria.where("_id").is(job).and("state").is(JobState.READY).and("line").is(line));
  }

  private static Criteria standingIn(Collection<String> lines) {
    return Criteria.where("state").is(JobState.READY).and("line").in(lines);
  }
}
