package io.capataz.supervisor.job;

import static io.capataz.supervisor.job.JobFields.ANNOUNCE_AT;
import static io.capataz.supervisor.job.JobFields.ANNOUNCE_SEQ;
import static io.capataz.supervisor.job.JobFields.ATTEMPT;
import static io.capataz.supervisor.job.JobFields.ATTEMPTS;
import static io.capataz.supervisor.job.JobFields.BYTES;
import static io.capataz.supervisor.job.JobFields.DUE;
import static io.capataz.supervisor.job.JobFields.ENDING;
import static io.capataz.supervisor.job.JobFields.GENERATION;
import static io.capataz.supervisor.job.JobFields.GIVEN_BACK;
import static io.capataz.supervisor.job.JobFields.ID;
import static io.capataz.supervisor.job.JobFields.LEASE;
import static io.capataz.supervisor.job.JobFields.LEASE_AGENT;
import static io.capataz.supervisor.job.JobFields.LEASE_CLAIM;
import static io.capataz.supervisor.job.JobFields.LEASE_EPOCH;
import static io.capataz.supervisor.job.JobFields.LEASE_HOST;
import static io.capataz.supervisor.job.JobFields.LIMITS;
import static io.capataz.supervisor.job.JobFields.ORGANIZATION;
import static io.capataz.supervisor.job.JobFields.PID;
import static io.capataz.supervisor.job.JobFields.QUEUE;
import static io.capataz.supervisor.job.JobFields.READY_SINCE;
import static io.capataz.supervisor.job.JobFields.REV;
import static io.capataz.supervisor.job.JobFields.SILENT_SINCE;
import static io.capataz.supervisor.job.JobFields.STARTED;
import static io.capataz.supervisor.job.JobFields.START_BY;
import static io.capataz.supervisor.job.JobFields.STATE;
import static io.capataz.supervisor.job.JobFields.STOP;
import static io.capataz.supervisor.runtime.MongoRetry.idempotent;

import io.capataz.common.protocol.Claim;
import io.capataz.common.protocol.Outcome;
import io.capataz.supervisor.access.Caller;
import io.capataz.supervisor.host.HostWork;
import io.capataz.supervisor.job.Job.Attempt;
import io.capataz.supervisor.job.Job.Ending;
import io.capataz.supervisor.job.Job.Lease;
import io.capataz.supervisor.runtime.CompareAndSet;
import io.capataz.supervisor.task.DoneBy;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.springframework.data.mongodb.core.MongoOperations;
import org.springframework.data.mongodb.core.query.Criteria;
import org.springframework.data.mongodb.core.query.Query;
import org.springframework.data.mongodb.core.query.Update;
import org.springframework.stereotype.Repository;

/** All jobs: how each is found, and each move with the facts that change by it. */
@Repository
public class Jobs implements HostWork {

  /** How many moves and attempts of a job are remembered; the newest. */
  static final int REMEMBERED = 100;

  /** Until when the fast way has done what must follow from a move; after that a sweep does. */
  public static final Duration FAST_WAY = Duration.ofSeconds(2);

  /** An attempt that never begins does not count, but a job cannot be given back for ever. */
  private static final int MOST_GIVEN_BACK = 5;

  private final MongoOperations mongo;
  private final CompareAndSet store;
  private final JobQueries queries;
  private final KnownJobs known;
  private final InstantSource clock;
  private final JobMoves moves;

  Jobs(
      MongoOperations mongo,
      CompareAndSet store,
      JobQueries queries,
      KnownJobs known,
      InstantSource clock,
      JobMoves moves) {
    this.store = store;
    this.queries = queries;
    this.known = known;
    this.mongo = mongo;
    this.clock = clock;
    this.moves = moves;
  }

  static UnaryOperator<Criteria> of(String organization) {
    return which -> which.and(ORGANIZATION).is(organization);
  }

  /** What else changes when a job becomes READY: it stands in its home queue, to be announced. */
  private Update toReady(Update facts, Job job, Instant since) {
    facts
        .set(QUEUE, QueueName.home(job.target()))
        .set(READY_SINCE, since)
        .unset(DUE)
        .inc(ANNOUNCE_SEQ, 1);
    return job.doneBy() == DoneBy.AGENT
        ? facts.set(ANNOUNCE_AT, clock.instant().plus(FAST_WAY))
        : facts;
  }

  /** What else changes when an attempt is over: it becomes history. */
  Update attemptOver(Update facts, Job job, @Nullable Ending ending) {
    var now = clock.instant();
    var lease = job.granted();
    var started = startOf(job, ending, now);
    facts
        .push(ATTEMPTS)
        .slice(-REMEMBERED)
        .each(
            new Attempt(
                job.attempt(),
                lease.host(),
                lease.granted(),
                started,
                ending == null ? now : ending.ended(started, now),
                now,
                ending == null ? null : ending.outcome(),
                ending == null ? null : ending.exitCode()));
    if (ending != null) {
      facts.set(ENDING, ending).inc(BYTES, ending.bytes());
    }
    if (started != null && job.holding().started() == null) {
      facts.set(STARTED, started);
    }
    return facts;
  }

  /** When the script began; a short one is reported only when it has ended. */
  private static @Nullable Instant startOf(Job job, @Nullable Ending ending, Instant now) {
    var reported = job.holding().started();
    return reported != null || ending == null || ending.ran() == null
        ? reported
        : now.minus(ending.ran());
  }

  /**
   * Grants a job to an agent, if it still stands in one of the agent's queues.
   *
   * @param generation the generation for which the job's permits were taken; null: only a job that
   *     needs none is granted
   */
  public Optional<Job> assign(
      String job,
      String organization,
      List<String> queues,
      @Nullable Integer generation,
      Lease lease) {
    return moves.makeUnread(
        JobMove.ASSIGN,
        job,
        new Mover.Agent("agent:" + lease.agent(), null),
        which -> {
          var waiting =
              which
                  .and(ORGANIZATION)
                  .is(organization)
                  .and(QUEUE)
                  .in(queues)
                  // A claim that had this job once must not have it twice.
                  .and(LEASE_CLAIM)
                  .ne(lease.claim());
          return generation == null
              ? waiting.and(LIMITS).size(0)
              : waiting.and(GENERATION).is(generation);
        },
        new Update()
            .inc(ATTEMPT, 1)
            .inc(GENERATION, 1)
            .set(LEASE, lease)
            .unset(ANNOUNCE_AT)
            .unset(STARTED)
            .unset(PID)
            .unset(ENDING)
            .unset(START_BY));
  }

  /**
   * Lets the job's generation pass, so that nothing that was prepared under it is granted any more,
   * and has the job announced again: whoever heard of it before has died.
   *
   * @return whether the claim can no longer be granted the job under that generation
   */
  public boolean raiseGeneration(String job, int generation, String claim) {
    var passed =
        idempotent(
            () ->
                mongo.updateFirst(
                    Query.query(
                        Criteria.where(ID)
                            .is(job)
                            .and(GENERATION)
                            .is(generation)
                            .and(LEASE_CLAIM)
                            .ne(claim)),
                    new Update()
                        .inc(GENERATION, 1)
                        .inc(REV, 1)
                        .set(ANNOUNCE_AT, clock.instant())
                        .inc(ANNOUNCE_SEQ, 1),
                    Job.class));
    return passed.getModifiedCount() > 0
        || find(job)
            .filter(
                j ->
                    j.holding().generation() == generation
                        || (j.lease() != null && j.lease().claim().equals(claim)))
            .isEmpty();
  }

  /**
   * Notes that the script runs, or that a supervisor has begun.
   *
   * @param pid null: no process on a host
   */
  public Optional<Job> started(Fence fence, String by, @Nullable Long pid) {
    var facts = new Update().set(STARTED, clock.instant());
    return moves.makeUnread(
        JobMove.START,
        fence.attempt().job(),
        new Mover.Agent(by, fence),
        UnaryOperator.identity(),
        pid == null ? facts : facts.set(PID, pid));
  }

  /**
   * Ends an attempt as its agent reported: with it the job, unless it is to be tried again.
   *
   * @param job as it was read, with the attempt as its current one
   */
  public Optional<Job> end(Job job, String agent, Ending ending) {
    var mover = new Mover.Agent(agent, job.fence());
    if (job.mayEndLate()) {
      return ending.outcome() instanceof Outcome.Succeeded
          ? moves.make(
              JobMove.SUCCEED_LATE,
              job,
              mover,
              UnaryOperator.identity(),
              new Update().set(ENDING, ending).inc(BYTES, ending.bytes()))
          : Optional.empty();
    }
    return end(job, mover, UnaryOperator.identity(), ending);
  }

  /**
   * Ends an attempt under way like {@link #end(Job, String, Ending)}, if nothing has been written
   * to the job since it was seen.
   *
   * @param seen see {@link #known}
   */
  public Optional<Job> endAsSeen(Job seen, String agent, Ending ending) {
    return end(
        seen, new Mover.Agent(agent, seen.fence()), which -> which.and(REV).is(seen.rev()), ending);
  }

  /**
   * Ends an attempt in a supervisor's name: its work order could not be made, or its host is gone.
   */
  public Optional<Job> end(Job job, Ending ending) {
    return end(job, new Mover.Supervisor(job.fence()), UnaryOperator.identity(), ending);
  }

  private Optional<Job> end(Job job, Mover mover, UnaryOperator<Criteria> guard, Ending ending) {
    var again =
        job.isRetriedAfter(ending.outcome())
            ? retry(job, mover, which -> notAskedToStop(guard.apply(which)), ending)
            : Optional.<Job>empty();
    return again.or(
        () ->
            moves.make(
                JobMove.ending(ending.outcome()),
                job,
                mover,
                guard,
                attemptOver(new Update(), job, ending)));
  }

  /** A job that somebody wants to end must not begin again. */
  private static Criteria notAskedToStop(Criteria which) {
    return which.and(STOP).isNull();
  }

  private Optional<Job> retry(Job job, Mover mover, UnaryOperator<Criteria> guard, Ending ending) {
    var pause = job.spec().retry().delayAfter(job.attempt() - job.holding().givenBack());
    var due = new Update().set(DUE, clock.instant().plus(pause));
    return moves.make(JobMove.RETRY, job, mover, guard, attemptOver(due, job, ending));
  }

  /**
   * Gives up an attempt of which nothing more can be heard; one that was to end anyway has ended.
   * Nothing is given up that has been heard of since it was read, or that somebody has come to want
   * to end. Whoever looks next decides anew.
   */
  public Optional<Job> lose(Job job, String reason) {
    var lost = Ending.of(new Outcome.Lost(reason));
    var mover = new Mover.Supervisor(job.fence());
    // Not the revision: an effect of an earlier attempt may be done in between.
    UnaryOperator<Criteria> asRead =
        which ->
            which
                .and(SILENT_SINCE)
                .is(job.holding().silentSince())
                .and(LEASE_EPOCH)
                .is(job.granted().epoch())
                .and(STOP)
                .exists(job.holding().stop() != null);
    if (job.holding().stop() == null && job.isRetriedAfter(lost.outcome())) {
      return retry(job, mover, asRead, lost);
    }
    var move = job.holding().stop() == null ? JobMove.FAIL : JobMove.STOP;
    return moves.make(move, job, mover, asRead, attemptOver(new Update(), job, lost));
  }

  /** Takes back an attempt that never began; it does not count. */
  public Optional<Job> giveBack(Job job, String by, String reason) {
    if (job.holding().givenBack() >= MOST_GIVEN_BACK) {
      return end(
          job,
          by,
          Ending.of(
              new Outcome.CouldNotStart(
                  "The job was returned "
                      + MOST_GIVEN_BACK
                      + " times without being started; the last time: "
                      + reason)));
    }
    var facts = attemptOver(new Update(), job, null).inc(GIVEN_BACK, 1);
    return moves
        .make(
            JobMove.GIVE_BACK,
            job,
            new Mover.Agent(by, job.fence()),
            Jobs::notAskedToStop,
            toReady(facts, job, job.placement().ready()))
        .or(() -> end(job, by, Ending.of(new Outcome.Canceled())));
  }

  /** Notes that the attempt's agent is not heard of; nothing is decided by that. */
  public Optional<Job> markSilent(Job job) {
    return moves.make(
        JobMove.LOSE_TOUCH,
        job,
        new Mover.Supervisor(job.fence()),
        UnaryOperator.identity(),
        new Update());
  }

  /** Notes that the attempt's agent is heard of again, and still holds it. */
  public Optional<Job> reconnect(Fence fence, String by, boolean scriptRuns) {
    return moves.makeUnread(
        scriptRuns ? JobMove.REGAIN_RUN : JobMove.REGAIN_CLAIM,
        fence.attempt().job(),
        new Mover.Agent(by, fence),
        UnaryOperator.identity(),
        new Update());
  }

  /** Lets a job that waited for its time be claimed. */
  public Optional<Job> comeDue(Job job) {
    var due = job.placement().due() == null ? job.placement().ready() : job.placement().due();
    return moves.make(
        JobMove.COME_DUE,
        job,
        new Mover.Supervisor(null),
        UnaryOperator.identity(),
        toReady(new Update(), job, due));
  }

  /** Ends a job that was not claimed in time. */
  public Optional<Job> expire(Job job) {
    return moves.make(
        JobMove.EXPIRE, job, new Mover.Supervisor(null), UnaryOperator.identity(), new Update());
  }

  /** Keeps a job that has not been claimed from being claimed; empty if it does not wait for it. */
  Optional<Job> hold(Job waiting, String by) {
    return moves.make(
        JobMove.HOLD,
        waiting,
        new Mover.Person(by),
        of(waiting.organization()),
        new Update().unset(ANNOUNCE_AT));
  }

  /** Lets a held job wait for its agent, or for its time if that is still to come. */
  public Optional<Job> release(Job held, String by) {
    var later = held.placement().due() != null && held.placement().due().isAfter(clock.instant());
    return moves.make(
        later ? JobMove.POSTPONE : JobMove.RELEASE,
        held,
        new Mover.Person(by),
        of(held.organization()),
        later ? new Update() : toReady(new Update(), held, clock.instant()));
  }

  /** The job, if the member may see it. */
  public Optional<Job> visible(Caller.Member member, String id) {
    return find(member.organization(), id).filter(job -> job.acl().admits(member));
  }

  /** The job, if it is the organization's. */
  public Optional<Job> find(String organization, String id) {
    return idempotent(
        () -> Optional.ofNullable(mongo.findOne(Query.query(owned(organization, id)), Job.class)));
  }

  /** The job, whose ever it is. */
  public Optional<Job> find(String id) {
    return idempotent(() -> Optional.ofNullable(mongo.findById(id, Job.class)));
  }

  /** The job, if the attempt is its current one, in whatever state. */
  public Optional<Job> heldBy(Fence fence) {
    return idempotent(() -> Optional.ofNullable(mongo.findOne(Query.query(held(fence)), Job.class)))
        .map(known::saw);
  }

  /**
   * The job of an attempt as this supervisor saw it last, however long ago; empty if it does not
   * remember it.
   */
  public Optional<Job> known(Fence fence) {
    return known.last(fence.attempt().job()).filter(job -> isHeld(job, fence));
  }

  /** The job of an attempt as it was at most {@code ReadCache.MAX_AGE} ago. */
  public Optional<Job> recentlyHeldBy(Fence fence) {
    return known
        .recent(fence.attempt().job())
        .filter(job -> isHeld(job, fence))
        .or(() -> heldBy(fence));
  }

  private static boolean isHeld(Job job, Fence fence) {
    return job.lease() != null && job.fence().equals(fence);
  }

  /** What was granted under a claim id and is not over. */
  public List<Job> grantedUnder(String claim, String agent) {
    return idempotent(
        () ->
            mongo.find(
                Query.query(
                    Criteria.where(LEASE_CLAIM)
                        .is(claim)
                        .and(LEASE_AGENT)
                        .is(agent)
                        .and(STATE)
                        .in(JobState.underWay())),
                Job.class));
  }

  /** What a host's agent holds. */
  public List<Job> underWayOn(String host) {
    return idempotent(
        () ->
            mongo.find(
                Query.query(Criteria.where(LEASE_HOST).is(host).and(STATE).in(JobState.underWay())),
                Job.class));
  }

  /**
   * Notes that an order is given once more, to the agent's session of that epoch: from now on it is
   * that session's, and what its heartbeats do not name is lost by that.
   *
   * @return the job; empty if the attempt is over by now, or a later session's
   */
  public Optional<Job> grantAgain(Job job, long epoch) {
    if (job.granted().epoch() == epoch) {
      return Optional.of(job);
    }
    var stillHeld =
        Query.query(
            held(job.fence()).and(LEASE_EPOCH).lte(epoch).and(STATE).in(JobState.underWay()));
    var renewed = new Update().set(LEASE_EPOCH, epoch).inc(REV, 1);
    return idempotent(() -> store.change(Job.class, stillHeld, renewed)).map(known::saw);
  }

  @Override
  public Map<String, Integer> underWay(Collection<String> hosts) {
    return queries.underWay(hosts);
  }

  @Override
  public void endOn(String host, String why) {
    for (var job : underWayOn(host)) {
      end(job, Ending.of(new Outcome.Lost(why)));
    }
  }

  /** Removes jobs, as far as they have ended; how many that were. */
  long removeEnded(List<Job> jobs) {
    var which =
        Query.query(
            Criteria.where(ID)
                .in(jobs.stream().map(Job::id).toList())
                .and(STATE)
                .in(Arrays.stream(JobState.values()).filter(JobState::isFinal).toList()));
    return idempotent(() -> mongo.remove(which, Job.class)).getDeletedCount();
  }

  static Criteria owned(String organization, String id) {
    return Criteria.where(ID).is(id).and(ORGANIZATION).is(organization);
  }

  static Criteria held(Fence fence) {
    return Criteria.where(ID)
        .is(fence.attempt().job())
        .and(ATTEMPT)
        .is(fence.attempt().number())
        .and(LEASE_CLAIM)
        .is(fence.claim());
  }

  /** How an agent came to a job, for a new lease. */
  public Lease lease(String host, String agent, Claim claim) {
    return new Lease(host, agent, claim.epoch(), claim.claim(), clock.instant(), claim.heard());
  }
}
