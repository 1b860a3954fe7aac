package io.capataz.supervisor.job;

import static io.capataz.supervisor.job.JobFields.ANNOUNCE_AT;
import static io.capataz.supervisor.job.JobFields.ATTEMPTS;
import static io.capataz.supervisor.job.JobFields.CREATED;
import static io.capataz.supervisor.job.JobFields.DUE;
import static io.capataz.supervisor.job.JobFields.EFFECTS_DUE;
import static io.capataz.supervisor.job.JobFields.ENDED;
import static io.capataz.supervisor.job.JobFields.ID;
import static io.capataz.supervisor.job.JobFields.LEASE;
import static io.capataz.supervisor.job.JobFields.LEASE_CLAIM;
import static io.capataz.supervisor.job.JobFields.LEASE_HOST;
import static io.capataz.supervisor.job.JobFields.OPEN_FOR;
import static io.capataz.supervisor.job.JobFields.ORGANIZATION;
import static io.capataz.supervisor.job.JobFields.ORIGIN_REFERENCE;
import static io.capataz.supervisor.job.JobFields.ORIGIN_STEP;
import static io.capataz.supervisor.job.JobFields.ORIGIN_WORD;
import static io.capataz.supervisor.job.JobFields.PRIORITY;
import static io.capataz.supervisor.job.JobFields.QUEUE;
import static io.capataz.supervisor.job.JobFields.READY_SINCE;
import static io.capataz.supervisor.job.JobFields.SILENT_SINCE;
import static io.capataz.supervisor.job.JobFields.START_BY;
import static io.capataz.supervisor.job.JobFields.STATE;
import static io.capataz.supervisor.job.JobFields.TASK;
import static io.capataz.supervisor.job.JobFields.TASK_VERSION;
import static io.capataz.supervisor.runtime.MongoRetry.idempotent;

import io.capataz.supervisor.access.Caller;
import io.capataz.supervisor.job.Job.Lease;
import io.capataz.supervisor.listing.Listing;
import io.capataz.supervisor.listing.Pages;
import io.capataz.supervisor.runtime.Indexed;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.data.annotation.Id;
import org.springframework.data.domain.Sort;
import org.springframework.data.domain.Sort.Direction;
import org.springframework.data.mongodb.core.MongoOperations;
import org.springframework.data.mongodb.core.aggregation.Aggregation;
import org.springframework.data.mongodb.core.index.Index;
import org.springframework.data.mongodb.core.query.Criteria;
import org.springframework.data.mongodb.core.query.Query;
import org.springframework.stereotype.Repository;

/** Reads many jobs at once, each query served by one of the indexes here. */
@Repository
public class JobQueries implements Indexed {

  /** How many jobs are read at once where all of a kind are wanted. */
  static final int PAGE = 200;

  private final MongoOperations mongo;
  private final List<OpenRuns> open;

  JobQueries(MongoOperations mongo, List<OpenRuns> open) {
    this.mongo = mongo;
    this.open = List.copyOf(open);
  }

  @Override
  public Class<?> indexedType() {
    return Job.class;
  }

  @Override
  public List<Index> indexes() {
    return List.of(
        // Who waits in a queue, and who comes first: claims and sync.
        new Index()
            .on(STATE, Direction.ASC)
            .on(QUEUE, Direction.ASC)
            .on(PRIORITY, Direction.DESC)
            .on(READY_SINCE, Direction.ASC)
            .on(ID, Direction.ASC),
        // What a host's agent holds.
        new Index().on(LEASE_HOST, Direction.ASC).on(STATE, Direction.ASC),
        // The same claim asked again.
        new Index().on(LEASE_CLAIM, Direction.ASC),
        // What sweeps look for; most jobs have none of these.
        new Index().on(ANNOUNCE_AT, Direction.ASC).sparse(),
        new Index().on(EFFECTS_DUE, Direction.ASC).sparse(),
        new Index().on(SILENT_SINCE, Direction.ASC).sparse(),
        new Index().on(DUE, Direction.ASC).sparse(),
        new Index().on(START_BY, Direction.ASC).sparse(),
        // The jobs of a run, those of one of its steps, and those after which it goes on.
        new Index().on(ORIGIN_REFERENCE, Direction.ASC).on(ORIGIN_STEP, Direction.ASC).sparse(),
        new Index().on(OPEN_FOR, Direction.ASC).sparse(),
        // A task's jobs, and an organization's in some states, newest first.
        new Index().on(TASK, Direction.ASC).on(CREATED, Direction.DESC).on(ID, Direction.DESC),
        new Index()
            .on(ORGANIZATION, Direction.ASC)
            .on(STATE, Direction.ASC)
            .on(CREATED, Direction.DESC)
            .on(ID, Direction.DESC));
  }

  /** Of a job that is under way: where. */
  private record Held(@Id String id, Holding holding) {
    record Holding(Lease lease) {}
  }

  /** How many jobs each of the hosts has under way. */
  Map<String, Integer> underWay(Collection<String> hosts) {
    if (hosts.isEmpty()) {
      return Map.of();
    }
    var query =
        Query.query(Criteria.where(LEASE_HOST).in(hosts).and(STATE).in(JobState.underWay()));
    query.fields().include(LEASE);
    var counts = new HashMap<String, Integer>();
    idempotent(() -> mongo.find(query, Held.class, mongo.getCollectionName(Job.class)))
        .forEach(held -> counts.merge(held.holding().lease().host(), 1, Integer::sum));
    return counts;
  }

  /** The version of its task that a job is of. */
  private record OfVersion(@Id String id, Spec spec) {
    record Spec(int taskVersion) {}
  }

  /** Those of the versions of a task that jobs are of. */
  public Set<Integer> taskVersions(String task, Collection<Integer> versions) {
    var query = Query.query(Criteria.where(TASK).is(task).and(TASK_VERSION).in(versions));
    query.fields().include(TASK_VERSION);
    return idempotent(() -> mongo.find(query, OfVersion.class, mongo.getCollectionName(Job.class)))
        .stream()
        .map(job -> job.spec().taskVersion())
        .collect(Collectors.toSet());
  }

  /** Those of the jobs that there are; of any organization. */
  public List<Job> all(Collection<String> ids) {
    return ids.isEmpty()
        ? List.of()
        : idempotent(() -> mongo.find(Query.query(Criteria.where(ID).in(ids)), Job.class));
  }

  /** Some of an organization's jobs that have not ended, newest first. */
  public List<Job> unfinishedOf(String organization, int limit) {
    return idempotent(
        () ->
            mongo.find(
                Query.query(
                        Criteria.where(ORGANIZATION)
                            .is(organization)
                            .and(STATE)
                            .in(JobState.unfinished()))
                    .with(Sort.by(Direction.DESC, CREATED, ID))
                    .limit(limit),
                Job.class));
  }

  /** Some of the jobs that have not ended and that the member may see, newest first. */
  public List<Job> unfinished(Caller.Member member, int limit) {
    return idempotent(
        () ->
            mongo.find(
                Query.query(JobFilter.unfinished().criteria(member))
                    .with(Sort.by(Direction.DESC, CREATED, ID))
                    .limit(limit),
                Job.class));
  }

  /** The jobs that were asked for and the member may see. */
  Listing.Page<Job> list(Caller.Member member, JobFilter filter, Listing<Job> asked) {
    return Pages.find(mongo, Job.class, filter.criteria(member), asked, Job::id, Job::weight);
  }

  /**
   * How many jobs of a task have not ended.
   *
   * @param task its id
   */
  record Count(@Id String task, long count) {}

  private List<String> openRuns() {
    return open.stream().flatMap(runs -> runs.openRuns().stream()).toList();
  }

  /**
   * Some of a task's jobs that ended before an instant, with nothing left to be done about them.
   *
   * @param kept so many of them, the newest, are passed over
   */
  public List<Job> endedBeyond(String task, int kept, Instant before, int limit) {
    return ofTask(
        task,
        JobState::isFinal,
        // What has ended before then was made before then: so much an index knows.
        Criteria.where(CREATED)
            .lt(before)
            .and(ENDED)
            .lt(before)
            .and(EFFECTS_DUE)
            .isNull()
            .and(ORIGIN_REFERENCE)
            .nin(openRuns()),
        kept,
        limit);
  }

  /** Some of a task's jobs that have ended in one of these ways and before an instant. */
  List<Job> ended(
      Caller.Member member, String task, Set<WireState> states, Instant before, int limit) {
    return idempotent(
        () ->
            mongo.find(
                Query.query(
                        new Criteria()
                            .andOperator(
                                JobFilter.of(task, states).criteria(member),
                                Criteria.where(ENDED).lt(before),
                                Criteria.where(EFFECTS_DUE).isNull(),
                                Criteria.where(ORIGIN_REFERENCE).nin(openRuns())))
                    .limit(limit),
                Job.class));
  }

  /**
   * Some of a task's jobs, newest first.
   *
   * @param skip so many of them are passed over
   */
  List<Job> ofTask(String task, Predicate<JobState> states, Criteria more, int skip, int limit) {
    // Not by what the states are: a task's jobs have an index of their own, and this leads there.
    var others = Arrays.stream(JobState.values()).filter(states.negate()).toList();
    return idempotent(
        () ->
            mongo.find(
                Query.query(more.and(TASK).is(task).and(STATE).nin(others))
                    .with(Sort.by(Direction.DESC, CREATED, ID))
                    .skip(skip)
                    .limit(limit),
                Job.class));
  }

  /** Some of the jobs that a running job has started and that have not ended. */
  public List<Job> openCalled(String caller, int limit) {
    return idempotent(() -> mongo.find(calledBy(caller).limit(limit), Job.class));
  }

  /** How many these are, counted up to a limit. */
  public long countOpenCalled(String caller, int limit) {
    return idempotent(() -> mongo.count(calledBy(caller).limit(limit), Job.class));
  }

  private static Query calledBy(String caller) {
    return Query.query(
        Criteria.where(ORIGIN_REFERENCE)
            .is(caller)
            .and(ORIGIN_WORD)
            .is(Origin.CALL)
            .and(STATE)
            .in(JobState.unfinished()));
  }

  /** Some of a task's jobs that have not ended, newest first. */
  public List<Job> openOf(String organization, String task, int limit) {
    return ofTask(
        task, state -> !state.isFinal(), Criteria.where(ORGANIZATION).is(organization), 0, limit);
  }

  /** The first job of the task that comes after another one by its id; of any organization. */
  public Optional<Job> firstOfTaskAfter(String task) {
    return idempotent(
        () ->
            Optional.ofNullable(
                mongo.findOne(
                    Query.query(Criteria.where(TASK).gt(task)).with(Sort.by(TASK)), Job.class)));
  }

  /**
   * Jobs that were created in a period.
   *
   * @param member who may see them
   * @param task whose they are; null: of any
   */
  public record Among(Caller.Member member, @Nullable String task, Instant from, Instant until) {
    private Query query(Set<JobState> states) {
      var filter =
          new JobFilter(
              JobFilter.statesOf(states::contains),
              task == null ? List.of() : List.of(task),
              List.of(Criteria.where(CREATED).gte(from).lt(until)));
      return Query.query(filter.criteria(member));
    }
  }

  /** How long a job that has ended waited and ran; either may be unknown. */
  public record Times(Optional<Duration> queueWait, Optional<Duration> duration) {}

  /** What {@link Times} are made from. */
  private record Ran(@Id String id, Ready placement, Passed past) {
    record Ready(@Nullable Instant ready) {}

    record Passed(@Nullable List<Job.Attempt> attempts) {}

    Times times() {
      var attempts = past.attempts();
      if (attempts == null || attempts.isEmpty()) {
        return new Times(Optional.empty(), Optional.empty());
      }
      var last = attempts.getLast();
      return new Times(
          Optional.ofNullable(placement.ready()).map(ready -> between(ready, last.granted())),
          Optional.of(
              between(last.started() == null ? last.granted() : last.started(), last.ended())));
    }

    /** An agent's clock may be a little behind the supervisor's. */
    private static Duration between(Instant from, Instant until) {
      return from.isAfter(until) ? Duration.ZERO : Duration.between(from, until);
    }
  }

  /** How many of them stand in these states. */
  public long count(Among among, Set<JobState> states) {
    return idempotent(() -> mongo.count(among.query(states), Job.class));
  }

  /** The times of the newest of them that stand in these states. */
  public List<Times> times(Among among, Set<JobState> states, int limit) {
    var query = among.query(states).with(Sort.by(Direction.DESC, CREATED, ID)).limit(limit);
    query.fields().include(READY_SINCE, ATTEMPTS);
    return idempotent(() -> mongo.find(query, Ran.class, mongo.getCollectionName(Job.class)))
        .stream()
        .map(Ran::times)
        .toList();
  }

  /** How many jobs that the member may see have not ended, task by task. */
  List<Count> unfinished(Caller.Member member) {
    return idempotent(
        () ->
            mongo
                .aggregate(
                    Aggregation.newAggregation(
                        Aggregation.match(JobFilter.unfinished().criteria(member)),
                        Aggregation.group("task").count().as("count"),
                        Aggregation.sort(Direction.ASC, "_id")),
                    Job.class,
                    Count.class)
                .getMappedResults());
  }
}
