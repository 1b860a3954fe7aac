package io.capataz.supervisor.job;

import io.capataz.common.protocol.Claim;
import io.capataz.common.protocol.Outcome;
import io.capataz.supervisor.job.Job.Announced;
import io.capataz.supervisor.job.Job.Ending;
import io.capataz.supervisor.job.Job.Lease;
import io.capataz.supervisor.job.Job.Moved;
import io.capataz.supervisor.job.Job.Origin;
import io.capataz.supervisor.job.Job.Spec;
import io.capataz.supervisor.job.Job.Stop;
import io.capataz.supervisor.job.Job.Wake;
import io.capataz.supervisor.runtime.Indexed;
import io.capataz.supervisor.task.Task;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.bson.types.ObjectId;
import org.jspecify.annotations.Nullable;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.data.annotation.Id;
import org.springframework.data.domain.Sort;
import org.springframework.data.domain.Sort.Direction;
import org.springframework.data.mongodb.core.FindAndModifyOptions;
import org.springframework.data.mongodb.core.MongoOperations;
import org.springframework.data.mongodb.core.index.Index;
import org.springframework.data.mongodb.core.query.Criteria;
import org.springframework.data.mongodb.core.query.Query;
import org.springframework.data.mongodb.core.query.Update;
import org.springframework.stereotype.Repository;

/**
 * All jobs, and the one way to move them: a compare-and-set whose filter comes from {@link
 * JobMove}.
 */
@Repository
public class Jobs implements Indexed {

  /** How many moves of a job are remembered; the newest. */
  static final int HISTORY = 100;

  /** Until when the fast way has announced a job; after that the sweep does. */
  private static final Duration FAST_WAY = Duration.ofSeconds(2);

  private static final FindAndModifyOptions NEW = FindAndModifyOptions.options().returnNew(true);

  private final MongoOperations mongo;
  private final InstantSource clock;
  private final ApplicationEventPublisher events;

  Jobs(MongoOperations mongo, InstantSource clock, ApplicationEventPublisher events) {
    this.mongo = mongo;
    this.clock = clock;
    this.events = events;
  }

  @Override
  public Class<?> indexedType() {
    return Job.class;
  }

  @Override
  public List<Index> indexes() {
    return List.of(
        // What waits for a host, oldest first: claims and sync.
        new Index()
            .on("host", Direction.ASC)
            .on("state", Direction.ASC)
            .on("ready", Direction.ASC)
            .on("_id", Direction.ASC),
        // The same claim asked again.
        new Index().on("lease.claim", Direction.ASC),
        // What must still be announced.
        new Index().on("wake.at", Direction.ASC),
        // What is silent, longest first.
        new Index().on("silentSince", Direction.ASC),
        // A task's jobs, and an organization's, newest first.
        new Index().on("task", Direction.ASC).on("_id", Direction.DESC),
        new Index().on("organization", Direction.ASC).on("_id", Direction.DESC));
  }

  /** Makes a job of a task. It waits for its host from now on, and will be announced. */
  public Job create(Task task, List<String> arguments, Origin origin, String by) {
    var now = clock.instant();
    var job =
        mongo.insert(
            new Job(
                ObjectId.get().toHexString(),
                task.organization(),
                task.id(),
                task.host(),
                JobState.READY,
                0,
                0,
                new Spec(
                    task.name(), task.script(), task.environment(), task.timeout(), task.grace()),
                arguments,
                origin,
                by,
                now,
                now,
                new Wake(now.plus(FAST_WAY), 1),
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                List.of()));
    events.publishEvent(new JobReady(job));
    return job;
  }

  /**
   * Makes a move that names no attempt, unless the job has moved on.
   *
   * @return the job after the move; empty if it was in no state the move may start from
   */
  public Optional<Job> make(JobMove move, String job, String by, Update facts) {
    if (move.fenced()) {
      throw new IllegalArgumentException(move + " must name an attempt and its claim.");
    }
    return make(move, Criteria.where("_id").is(job), by, facts);
  }

  /**
   * Makes a move in the name of an attempt, unless the job has moved on or another attempt has
   * taken over.
   *
   * @return the job after the move; empty if the attempt is no longer the job's
   */
  public Optional<Job> make(JobMove move, Fence fence, String by, Update facts) {
    return make(move, held(fence), by, facts);
  }

  private Optional<Job> make(JobMove move, Criteria which, String by, Update facts) {
    var now = clock.instant();
    var stillThere = Query.query(which.and("state").in(move.from()));
    facts
        .set("state", move.to())
        .inc("rev", 1)
        .push("history")
        .slice(-HISTORY)
        .each(new Moved(move, move.to(), now, by));
    if (move == JobMove.LOSE_TOUCH) {
      facts.set("silentSince", now);
    } else if (move.from().contains(JobState.SILENT)) {
      facts.unset("silentSince");
    }
    if (move.to().isFinal()) {
      facts.set("ended", now).unset("wake");
    }
    var moved = Optional.ofNullable(mongo.findAndModify(stillThere, facts, NEW, Job.class));
    moved.ifPresent(job -> events.publishEvent(new JobMoved(job, move)));
    return moved;
  }

  /** Grants a job to an agent, if it still waits for that agent's host. */
  public Optional<Job> assign(String job, String organization, String host, Lease lease) {
    return make(
        JobMove.ASSIGN,
        Criteria.where("_id")
            .is(job)
            .and("organization")
            .is(organization)
            .and("host")
            .is(host)
            .and("stop")
            .isNull(),
        "agent:" + lease.agent(),
        new Update().inc("attempt", 1).set("lease", lease).unset("started").unset("pid"));
  }

  /** Notes that the script runs. */
  public Optional<Job> started(Fence fence, String by, long pid) {
    return make(
        JobMove.START, fence, by, new Update().set("started", clock.instant()).set("pid", pid));
  }

  /** Ends an attempt and with it the job. */
  public Optional<Job> end(JobMove move, Fence fence, String by, Ending ending) {
    return make(move, fence, by, new Update().set("ending", ending));
  }

  /** Notes that the attempt's agent is not heard of; nothing is decided by that. */
  public Optional<Job> loseTouch(Job job) {
    return make(JobMove.LOSE_TOUCH, job.fence(), "supervisor", new Update());
  }

  /** Notes that the attempt's agent is heard of again, and still holds it. */
  public Optional<Job> regain(Fence fence, String by, boolean scriptRuns) {
    return make(scriptRuns ? JobMove.REGAIN_RUN : JobMove.REGAIN_CLAIM, fence, by, new Update());
  }

  /** What has been silent since before an instant, longest first. */
  public List<Job> silentSinceBefore(Instant instant, int limit) {
    return mongo.find(
        Query.query(Criteria.where("silentSince").lt(instant))
            .with(Sort.by("silentSince"))
            .limit(limit),
        Job.class);
  }

  /** What became of the wish to end a job. */
  enum Cancel {
    /** It had not started, and never will. */
    CANCELED,
    /** It is under way; its agent is told to end it. */
    STOPPING,
    /** It had ended already, and stays as it is. */
    ENDED
  }

  /**
   * Calls a job off: before its start at once, afterwards by telling its agent.
   *
   * @return what became of it; empty if the organization has no such job
   */
  Optional<Cancel> cancel(String organization, String id, String by) {
    var its = Criteria.where("_id").is(id).and("organization").is(organization);
    if (make(JobMove.CANCEL, its, by, new Update()).isPresent()) {
      return Optional.of(Cancel.CANCELED);
    }
    var underWay =
        Query.query(
            Criteria.where("_id")
                .is(id)
                .and("organization")
                .is(organization)
                .and("state")
                .in(JobState.underWay()));
    var stopping =
        mongo.findAndModify(
            underWay,
            new Update().set("stop", new Stop(clock.instant(), by)).inc("rev", 1),
            NEW,
            Job.class);
    if (stopping != null) {
      events.publishEvent(new StopAsked(stopping.host()));
      return Optional.of(Cancel.STOPPING);
    }
    // Neither waiting nor under way: ended, or never there.
    return find(organization, id).map(_ -> Cancel.ENDED);
  }

  /** Ends a job whose agent cannot be told, and raises the fence so that it is not heard later. */
  Optional<Job> force(String organization, String id, String by) {
    return make(
        JobMove.FORCE,
        Criteria.where("_id").is(id).and("organization").is(organization),
        by,
        new Update().inc("attempt", 1).set("ending", Ending.of(new Outcome.Canceled())));
  }

  /**
   * Gives up an attempt of which nothing more can be heard; one that was to end anyway has ended.
   */
  public Optional<Job> lose(Job job, String reason) {
    return end(
        job.stop() == null ? JobMove.FAIL : JobMove.STOP,
        job.fence(),
        "supervisor",
        Ending.of(new Outcome.Lost(reason)));
  }

  /** The job, if it is the organization's. */
  public Optional<Job> find(String organization, String id) {
    return Optional.ofNullable(
        mongo.findOne(
            Query.query(Criteria.where("_id").is(id).and("organization").is(organization)),
            Job.class));
  }

  /** The job, if the attempt is its current one, in whatever state. */
  public Optional<Job> heldBy(Fence fence) {
    return Optional.ofNullable(mongo.findOne(Query.query(held(fence)), Job.class));
  }

  /** What waits for a host, oldest first. */
  public List<String> waitingFor(String host, int limit) {
    var query =
        Query.query(Criteria.where("host").is(host).and("state").is(JobState.READY))
            .with(Sort.by("ready", "_id"))
            .limit(limit);
    query.fields().include("_id");
    return mongo.find(query, Waiting.class, mongo.getCollectionName(Job.class)).stream()
        .map(Waiting::id)
        .toList();
  }

  /** No more of a job than its id. */
  private record Waiting(@Id String id) {}

  /** What was granted under a claim id and is not over. */
  public List<Job> grantedUnder(String claim, String agent) {
    return mongo.find(
        Query.query(
            Criteria.where("lease.claim")
                .is(claim)
                .and("lease.agent")
                .is(agent)
                .and("state")
                .in(JobState.underWay())),
        Job.class);
  }

  /** What a host's agent holds. */
  public List<Job> underWayOn(String host) {
    return mongo.find(
        Query.query(Criteria.where("host").is(host).and("state").in(JobState.underWay())),
        Job.class);
  }

  /** Newest first, all of an organization or of one of its tasks. */
  List<Job> newest(String organization, @Nullable String task, int limit) {
    var which = Criteria.where("organization").is(organization);
    if (task != null) {
      which = Criteria.where("task").is(task).and("organization").is(organization);
    }
    return mongo.find(
        Query.query(which).with(Sort.by(Direction.DESC, "_id")).limit(limit), Job.class);
  }

  /** What should have been announced by now, and was not. */
  public List<Job> unannounced(int limit) {
    return mongo.find(
        Query.query(Criteria.where("wake.at").lte(clock.instant()))
            .with(Sort.by("wake.at"))
            .limit(limit),
        Job.class);
  }

  /** Notes that the broker has an announcement; a newer one stays to be made. */
  public void announced(String job, long seq, Announced where) {
    mongo.updateFirst(
        Query.query(Criteria.where("_id").is(job).and("wake.seq").is(seq)),
        new Update().unset("wake").set("announced", where).inc("rev", 1),
        Job.class);
  }

  /** Takes the mark off a job that no longer waits; a newer mark stays. */
  public void nothingToAnnounce(String job, long seq) {
    mongo.updateFirst(
        Query.query(Criteria.where("_id").is(job).and("wake.seq").is(seq)),
        new Update().unset("wake"),
        Job.class);
  }

  /** Puts an announcement off, because the broker did not take it or it is being tried just now. */
  public void announceLater(String job, long seq, Instant at) {
    mongo.updateFirst(
        Query.query(Criteria.where("_id").is(job).and("wake.seq").is(seq)),
        new Update().set("wake.at", at),
        Job.class);
  }

  private static Criteria held(Fence fence) {
    return Criteria.where("_id")
        .is(fence.attempt().job())
        .and("attempt")
        .is(fence.attempt().number())
        .and("lease.claim")
        .is(fence.claim());
  }

  /** How an agent came to a job, for a new lease. */
  public Lease lease(String agent, Claim claim) {
    return new Lease(agent, claim.epoch(), claim.claim(), clock.instant(), claim.heard());
  }
}
