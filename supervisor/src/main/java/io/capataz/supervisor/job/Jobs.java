package io.capataz.supervisor.job;

import static io.capataz.supervisor.runtime.MongoRetry.idempotent;
import static io.capataz.supervisor.runtime.MongoRetry.verified;

import io.capataz.common.protocol.Claim;
import io.capataz.common.protocol.Outcome;
import io.capataz.common.secret.Secret;
import io.capataz.supervisor.access.AccessKey;
import io.capataz.supervisor.access.Caller;
import io.capataz.supervisor.host.HostWork;
import io.capataz.supervisor.job.Job.Attempt;
import io.capataz.supervisor.job.Job.Ending;
import io.capataz.supervisor.job.Job.GivenFile;
import io.capataz.supervisor.job.Job.Lease;
import io.capataz.supervisor.job.Job.Limit;
import io.capataz.supervisor.job.Job.Moved;
import io.capataz.supervisor.job.Job.Outbox;
import io.capataz.supervisor.job.Job.Spec;
import io.capataz.supervisor.job.Job.Stop;
import io.capataz.supervisor.job.JobFilter.Standing;
import io.capataz.supervisor.listing.Listing;
import io.capataz.supervisor.listing.Pages;
import io.capataz.supervisor.parameter.Arguments;
import io.capataz.supervisor.runtime.Indexed;
import io.capataz.supervisor.task.Task;
import io.capataz.supervisor.task.Task.OnLost;
import io.capataz.supervisor.task.WaitingJobs;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.data.annotation.Id;
import org.springframework.data.domain.Sort;
import org.springframework.data.domain.Sort.Direction;
import org.springframework.data.mongodb.core.FindAndModifyOptions;
import org.springframework.data.mongodb.core.MongoOperations;
import org.springframework.data.mongodb.core.aggregation.Aggregation;
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
public class Jobs implements Indexed, HostWork, WaitingJobs {

  /** How many moves and attempts of a job are remembered; the newest. */
  static final int HISTORY = 100;

  /** How many keys of a job are good: one for each time that its run was repeated. */
  private static final int KEYS = 10;

  /** Until when the fast way has done what must follow from a move; after that a sweep does. */
  public static final Duration FAST_WAY = Duration.ofSeconds(2);

  /** An attempt that never begins does not count, but a job cannot be given back for ever. */
  private static final int MOST_GIVEN_BACK = 5;

  /** How many jobs are read at once where all of a kind are wanted. */
  private static final int PAGE = 200;

  private static final FindAndModifyOptions NEW = FindAndModifyOptions.options().returnNew(true);

  private final MongoOperations mongo;
  private final JobSecrets secrets;
  private final InstantSource clock;
  private final FollowUps followUps;
  private final ApplicationEventPublisher events;
  private final SecureRandom random = new SecureRandom();

  Jobs(
      MongoOperations mongo,
      JobSecrets secrets,
      InstantSource clock,
      FollowUps followUps,
      ApplicationEventPublisher events) {
    this.secrets = secrets;
    this.mongo = mongo;
    this.clock = clock;
    this.followUps = followUps;
    this.events = events;
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
            .on("state", Direction.ASC)
            .on("queue", Direction.ASC)
            .on("priority", Direction.DESC)
            .on("ready", Direction.ASC)
            .on("_id", Direction.ASC),
        // What a host's agent holds.
        new Index().on("lease.host", Direction.ASC).on("state", Direction.ASC),
        // The same claim asked again.
        new Index().on("lease.claim", Direction.ASC),
        // What sweeps look for; most jobs have none of these.
        new Index().on("outbox.at", Direction.ASC).sparse(),
        new Index().on("effectsDue", Direction.ASC).sparse(),
        new Index().on("silentSince", Direction.ASC).sparse(),
        new Index().on("due", Direction.ASC).sparse(),
        new Index().on("startBy", Direction.ASC).sparse(),
        // A task's jobs, and an organization's in some states, newest first.
        new Index()
            .on("task", Direction.ASC)
            .on("created", Direction.DESC)
            .on("_id", Direction.DESC),
        new Index()
            .on("organization", Direction.ASC)
            .on("state", Direction.ASC)
            .on("created", Direction.DESC)
            .on("_id", Direction.DESC));
  }

  /**
   * Makes a job of a task; from now on it waits. Inserting the same id again is free, so that a
   * lost answer makes no second job.
   *
   * @param id a new one
   * @param script the id of the script it runs, whatever becomes of the task's file
   * @param full the limit in whose queue it has to wait; null: none
   * @param once the id of the idempotency entry that it is made under; null: none
   */
  public Job create(
      String id,
      Task task,
      String script,
      RunRequest run,
      @Nullable Limit full,
      Cause cause,
      @Nullable String once) {
    var now = clock.instant();
    var later = run.notBefore() != null && run.notBefore().isAfter(now) ? run.notBefore() : null;
    var state = run.hold() ? JobState.HELD : later != null ? JobState.SCHEDULED : JobState.READY;
    var job =
        new Job(
            id,
            task.organization(),
            task.id(),
            task.target(),
            state,
            0,
            0,
            0,
            new Spec(
                task.name(),
                script,
                secrets.sealedEnvironment(task, id),
                task.timeout(),
                task.grace(),
                task.retry(),
                LimitKeys.of(task, run.arguments(), secrets),
                task.handling(),
                task.runAs(),
                task.maskedArguments(),
                task.maskedVariables(),
                task.version(),
                task.interpreter(),
                task.credentials()),
            secrets.sealedArguments(task, id, run.arguments()),
            run.files().stream().map(f -> secrets.sealedFile(task, id, GivenFile.of(f))).toList(),
            cause.origin(),
            cause.by(),
            task.acl(),
            now,
            full == null ? QueueName.home(task.target()) : QueueName.ofLimit(full.key()),
            run.priority(),
            now,
            later,
            run.startBy(),
            new Outbox(state == JobState.READY && full == null ? now.plus(FAST_WAY) : null, 1),
            null,
            null,
            null,
            null,
            null,
            null,
            0,
            List.of(),
            List.of(),
            null,
            null,
            null,
            List.of(),
            cause.user(),
            List.of(),
            once,
            cause.restartedFrom());
    var made = idempotent(() -> inserted(job));
    if (made.outbox().at() != null) {
      events.publishEvent(new JobReady(made));
    }
    return made;
  }

  private Job inserted(Job job) {
    try {
      return mongo.insert(job);
    } catch (DuplicateKeyException there) {
      return find(job.id()).orElseThrow(() -> there);
    }
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
    if (move.isFollowed()) {
      var effects = followUps.after(read, move);
      if (!effects.isEmpty()) {
        facts
            .push("effects")
            .each(effects.toArray())
            .set("effectsDue", clock.instant().plus(FAST_WAY));
      }
    }
    return make(move, read.id(), mover, guard, facts);
  }

  private Optional<Job> makeUnread(
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
    var which = guard.apply(fence == null ? Criteria.where("_id").is(id) : held(fence));
    var now = clock.instant();
    var mark = Long.toHexString(random.nextLong());
    var stillThere = Query.query(which.and("state").in(move.from()));
    facts
        .set("state", move.to())
        .inc("rev", 1)
        .push("history")
        .slice(-HISTORY)
        .each(new Moved(move, move.to(), now, mover.name(), mark));
    if (move == JobMove.LOSE_TOUCH) {
      facts.set("silentSince", now);
    } else if (move.from().contains(JobState.SILENT)) {
      facts.unset("silentSince");
    }
    if (move.to().isFinal()) {
      facts.set("ended", now).unset("outbox.at").unset("due").unset("startBy");
    }
    Optional<Job> moved =
        verified(
            () -> Optional.ofNullable(mongo.findAndModify(stillThere, facts, NEW, Job.class)),
            () ->
                Optional.ofNullable(mongo.findById(id, Job.class))
                    .filter(job -> job.history().stream().anyMatch(m -> m.mark().equals(mark))));
    moved.ifPresent(
        job -> {
          events.publishEvent(new JobMoved(job, move));
          if (job.state() == JobState.READY) {
            events.publishEvent(new JobReady(job));
          }
        });
    return moved;
  }

  private static UnaryOperator<Criteria> of(String organization) {
    return which -> which.and("organization").is(organization);
  }

  /** What else changes when a job becomes READY: it stands in its home queue, to be announced. */
  private Update toReady(Update facts, Job job, Instant since) {
    return facts
        .set("queue", QueueName.home(job.target()))
        .set("ready", since)
        .unset("due")
        .set("outbox.at", clock.instant().plus(FAST_WAY))
        .inc("outbox.seq", 1);
  }

  /** What else changes when an attempt is over: it becomes history. */
  private Update attemptOver(Update facts, Job job, @Nullable Ending ending) {
    var now = clock.instant();
    var lease = job.granted();
    facts
        .push("attempts")
        .slice(-HISTORY)
        .each(
            new Attempt(
                job.attempt(),
                lease.host(),
                lease.granted(),
                job.started(),
                now,
                ending == null ? null : ending.outcome(),
                ending == null ? null : ending.exitCode()));
    if (ending != null) {
      facts.set("ending", ending);
    }
    return facts;
  }

  /**
   * Grants a job to an agent, if it still stands in one of the agent's queues.
   *
   * @param generation the generation for which the job's permits were taken; null: it needs none
   */
  public Optional<Job> assign(
      String job,
      String organization,
      List<String> queues,
      @Nullable Integer generation,
      Lease lease) {
    return makeUnread(
        JobMove.ASSIGN,
        job,
        new Mover.Agent("agent:" + lease.agent(), null),
        which -> {
          var waiting =
              which
                  .and("organization")
                  .is(organization)
                  .and("queue")
                  .in(queues)
                  // A claim that had this job once must not have it twice.
                  .and("lease.claim")
                  .ne(lease.claim());
          return generation == null ? waiting : waiting.and("generation").is(generation);
        },
        new Update()
            .inc("attempt", 1)
            .inc("generation", 1)
            .set("lease", lease)
            .unset("started")
            .unset("pid")
            .unset("ending")
            .unset("startBy"));
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
                        Criteria.where("_id")
                            .is(job)
                            .and("generation")
                            .is(generation)
                            .and("lease.claim")
                            .ne(claim)),
                    new Update()
                        .inc("generation", 1)
                        .inc("rev", 1)
                        .set("outbox.at", clock.instant())
                        .inc("outbox.seq", 1),
                    Job.class));
    return passed.getModifiedCount() > 0
        || find(job)
            .filter(
                j ->
                    j.generation() == generation
                        || (j.lease() != null && j.lease().claim().equals(claim)))
            .isEmpty();
  }

  /** Notes that the script runs. */
  public Optional<Job> started(Fence fence, String by, long pid) {
    return makeUnread(
        JobMove.START,
        fence.attempt().job(),
        new Mover.Agent(by, fence),
        UnaryOperator.identity(),
        new Update().set("started", clock.instant()).set("pid", pid));
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
          ? make(
              JobMove.SUCCEED_LATE,
              job,
              mover,
              UnaryOperator.identity(),
              new Update().set("ending", ending))
          : Optional.empty();
    }
    return end(job, mover, ending);
  }

  /**
   * Ends an attempt in a supervisor's name: its work order could not be made, or its host is gone.
   */
  public Optional<Job> end(Job job, Ending ending) {
    return end(job, new Mover.Supervisor(job.fence()), ending);
  }

  private Optional<Job> end(Job job, Mover mover, Ending ending) {
    var again =
        isToBeTriedAgain(job, ending.outcome())
            ? retry(job, mover, Jobs::notAskedToStop, ending)
            : Optional.<Job>empty();
    return again.or(
        () ->
            make(
                moveFor(ending.outcome()),
                job,
                mover,
                UnaryOperator.identity(),
                attemptOver(new Update(), job, ending)));
  }

  /** A job that somebody wants to end must not begin again. */
  private static Criteria notAskedToStop(Criteria which) {
    return which.and("stop").isNull();
  }

  private Optional<Job> retry(Job job, Mover mover, UnaryOperator<Criteria> guard, Ending ending) {
    var pause = job.spec().retry().delayAfter(job.attempt() - job.givenBack());
    var due = new Update().set("due", clock.instant().plus(pause));
    return make(JobMove.RETRY, job, mover, guard, attemptOver(due, job, ending));
  }

  /**
   * Whether there is to be another attempt. What the host's policy refuses it will refuse again;
   * what was lost may have run, and is for the task to say.
   */
  private static boolean isToBeTriedAgain(Job job, Outcome outcome) {
    return job.hasAttemptsLeft()
        && switch (outcome) {
          case Outcome.ExitedWith _,
              Outcome.TimedOut _,
              Outcome.Killed _,
              Outcome.CouldNotStart _ ->
              true;
          case Outcome.Lost _ -> job.spec().retry().onLost() == OnLost.RETRY;
          case Outcome.Succeeded _, Outcome.Refused _, Outcome.Canceled _ -> false;
        };
  }

  private static JobMove moveFor(Outcome outcome) {
    return switch (outcome) {
      case Outcome.Succeeded _ -> JobMove.SUCCEED;
      case Outcome.ExitedWith _,
          Outcome.TimedOut _,
          Outcome.Killed _,
          Outcome.CouldNotStart _,
          Outcome.Refused _,
          Outcome.Lost _ ->
          JobMove.FAIL;
      case Outcome.Canceled _ -> JobMove.STOP;
    };
  }

  /**
   * Gives up an attempt of which nothing more can be heard; one that was to end anyway has ended.
   * Nothing is given up that has been heard of since it was read, or that somebody has come to want
   * to end. Whoever looks next decides anew.
   */
  public Optional<Job> lose(Job job, String reason) {
    var lost = Ending.of(new Outcome.Lost(reason));
    var mover = new Mover.Supervisor(job.fence());
    // Not the revision: the broker's acknowledgement may come in between, and changes nothing here.
    UnaryOperator<Criteria> asRead =
        which ->
            which
                .and("silentSince")
                .is(job.silentSince())
                .and("lease.epoch")
                .is(job.granted().epoch())
                .and("stop")
                .exists(job.stop() != null);
    if (job.stop() == null && isToBeTriedAgain(job, lost.outcome())) {
      return retry(job, mover, asRead, lost);
    }
    var move = job.stop() == null ? JobMove.FAIL : JobMove.STOP;
    return make(move, job, mover, asRead, attemptOver(new Update(), job, lost));
  }

  /** Takes back an attempt that never began; it does not count. */
  public Optional<Job> giveBack(Job job, String by, String reason) {
    if (job.givenBack() >= MOST_GIVEN_BACK) {
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
    var facts = attemptOver(new Update(), job, null).inc("givenBack", 1);
    return make(
            JobMove.GIVE_BACK,
            job,
            new Mover.Agent(by, job.fence()),
            Jobs::notAskedToStop,
            toReady(facts, job, job.ready()))
        .or(() -> end(job, by, Ending.of(new Outcome.Canceled())));
  }

  /** Notes that the attempt's agent is not heard of; nothing is decided by that. */
  public Optional<Job> markSilent(Job job) {
    return make(
        JobMove.LOSE_TOUCH,
        job,
        new Mover.Supervisor(job.fence()),
        UnaryOperator.identity(),
        new Update());
  }

  /** Notes that the attempt's agent is heard of again, and still holds it. */
  public Optional<Job> reconnect(Fence fence, String by, boolean scriptRuns) {
    return makeUnread(
        scriptRuns ? JobMove.REGAIN_RUN : JobMove.REGAIN_CLAIM,
        fence.attempt().job(),
        new Mover.Agent(by, fence),
        UnaryOperator.identity(),
        new Update());
  }

  /** Lets a job that waited for its time be claimed. */
  public Optional<Job> comeDue(Job job) {
    var due = job.due() == null ? job.ready() : job.due();
    return make(
        JobMove.COME_DUE,
        job,
        new Mover.Supervisor(null),
        UnaryOperator.identity(),
        toReady(new Update(), job, due));
  }

  /** Ends a job that was not claimed in time. */
  public Optional<Job> expire(Job job) {
    return make(
        JobMove.EXPIRE, job, new Mover.Supervisor(null), UnaryOperator.identity(), new Update());
  }

  /** Keeps a job that has not been claimed from being claimed; empty if it no longer waits. */
  Optional<Job> hold(Job waiting, String by) {
    return make(
        JobMove.HOLD,
        waiting,
        new Mover.Person(by),
        of(waiting.organization()),
        new Update().unset("outbox.at"));
  }

  /** Lets a held job wait for its agent, or for its time if that is still to come. */
  public Optional<Job> release(Job held, String by) {
    var later = held.due() != null && held.due().isAfter(clock.instant());
    return make(
        later ? JobMove.POSTPONE : JobMove.RELEASE,
        held,
        new Mover.Person(by),
        of(held.organization()),
        later ? new Update() : toReady(new Update(), held, clock.instant()));
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
   * Cancels a job: at once before its start, afterwards through its agent.
   *
   * @return what became of it; empty if it is gone
   */
  Optional<Cancel> cancel(Job job, String by) {
    if (cancelWaiting(job, by).isPresent()) {
      return Optional.of(Cancel.CANCELED);
    }
    var underWay =
        Query.query(owned(job.organization(), job.id()).and("state").in(JobState.underWay()));
    var stop = new Update().set("stop", new Stop(clock.instant(), by)).inc("rev", 1);
    Optional<Job> stopping =
        idempotent(() -> Optional.ofNullable(mongo.findAndModify(underWay, stop, NEW, Job.class)));
    if (stopping.isPresent()) {
      stopping.flatMap(Job::host).ifPresent(host -> events.publishEvent(new StopAsked(host)));
      return Optional.of(Cancel.STOPPING);
    }
    var now = find(job.organization(), job.id());
    if (now.filter(it -> !it.state().isFinal()).isPresent()) {
      // It moved between the two looks: given back, or waiting for another attempt.
      return cancel(now.get(), by);
    }
    return now.map(_ -> Cancel.ENDED);
  }

  private Optional<Job> cancelWaiting(Job job, String by) {
    return make(JobMove.CANCEL, job, new Mover.Person(by), of(job.organization()), new Update());
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
          ofTask(
              task,
              JobState::waits,
              Criteria.where("organization").is(organization).and("created").lte(now),
              0,
              PAGE);
      if (some.isEmpty()) {
        return canceled;
      }
      canceled += some.stream().filter(job -> cancelWaiting(job, by).isPresent()).count();
    }
  }

  /**
   * Ends a job whose agent cannot be reached, and raises the fence so that it is not heard later.
   */
  Optional<Job> force(Job job, String by) {
    return make(
        JobMove.FORCE,
        job,
        new Mover.Person(by, job.fence()),
        UnaryOperator.identity(),
        attemptOver(new Update(), job, Ending.of(new Outcome.Canceled())).inc("attempt", 1));
  }

  /** The job, if the member may see it. */
  public Optional<Job> visible(Caller.Member member, String id) {
    return find(member.organization(), id).filter(job -> job.acl().admits(member));
  }

  /** The job whose key this is; a wrong job and a wrong key look the same. */
  public Optional<Job> opened(String id, Secret key) {
    return AccessKey.parse(key.reveal())
        .filter(shown -> shown.kind() == AccessKey.Kind.JK)
        .flatMap(shown -> find(id).filter(job -> job.keys().stream().anyMatch(shown::matches)));
  }

  /** Makes a new key that shows what becomes of the job; its last few are good. */
  public Secret giveKey(Job job) {
    var issued = AccessKey.issue(AccessKey.Kind.JK);
    var more = new Update().push("keys").slice(-KEYS).each(issued.key().hash()).inc("rev", 1);
    var _ =
        idempotent(
            () ->
                mongo.updateFirst(
                    Query.query(Criteria.where("_id").is(job.id())), more, Job.class));
    return issued.text();
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
    return idempotent(
        () -> Optional.ofNullable(mongo.findOne(Query.query(held(fence)), Job.class)));
  }

  /** What was granted under a claim id and is not over. */
  public List<Job> grantedUnder(String claim, String agent) {
    return idempotent(
        () ->
            mongo.find(
                Query.query(
                    Criteria.where("lease.claim")
                        .is(claim)
                        .and("lease.agent")
                        .is(agent)
                        .and("state")
                        .in(JobState.underWay())),
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
            held(job.fence()).and("lease.epoch").lte(epoch).and("state").in(JobState.underWay()));
    var renewed = new Update().set("lease.epoch", epoch).inc("rev", 1);
    return idempotent(
        () -> Optional.ofNullable(mongo.findAndModify(stillHeld, renewed, NEW, Job.class)));
  }

  /** Of a job that is under way: where. */
  private record Held(@Id String id, Lease lease) {}

  @Override
  public Map<String, Integer> underWay(Collection<String> hosts) {
    if (hosts.isEmpty()) {
      return Map.of();
    }
    var query =
        Query.query(Criteria.where("lease.host").in(hosts).and("state").in(JobState.underWay()));
    query.fields().include("lease");
    var counts = new HashMap<String, Integer>();
    idempotent(() -> mongo.find(query, Held.class, mongo.getCollectionName(Job.class)))
        .forEach(held -> counts.merge(held.lease().host(), 1, Integer::sum));
    return counts;
  }

  @Override
  public void endOn(String host, String why) {
    for (var job : underWayOn(host)) {
      end(job, Ending.of(new Outcome.Lost(why)));
    }
  }

  /** What a host's agent holds. */
  public List<Job> underWayOn(String host) {
    return idempotent(
        () ->
            mongo.find(
                Query.query(
                    Criteria.where("lease.host").is(host).and("state").in(JobState.underWay())),
                Job.class));
  }

  /** The jobs that were asked for and the member may see. */
  Listing.Page<Job> list(Caller.Member member, JobFilter filter, Listing<Job> asked) {
    return Pages.find(mongo, Job.class, filter.criteria(member), asked, Job::id);
  }

  /**
   * How many jobs of a task have not ended.
   *
   * @param task its id
   */
  record Count(@Id String task, long count) {}

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
        Criteria.where("created").lt(before).and("ended").lt(before).and("effectsDue").isNull(),
        kept,
        limit);
  }

  /** Some of a task's jobs that have ended in one of these ways and before an instant. */
  List<Job> ended(
      Caller.Member member, String task, Set<Standing> standings, Instant before, int limit) {
    return idempotent(
        () ->
            mongo.find(
                Query.query(
                        new Criteria()
                            .andOperator(
                                JobFilter.of(task, standings).criteria(member),
                                Criteria.where("ended").lt(before),
                                Criteria.where("effectsDue").isNull()))
                    .limit(limit),
                Job.class));
  }

  private List<Job> ofTask(
      String task, Predicate<JobState> states, Criteria more, int skip, int limit) {
    // Not by what the states are: a task's jobs have an index of their own, and this leads there.
    var others = Arrays.stream(JobState.values()).filter(states.negate()).toList();
    return idempotent(
        () ->
            mongo.find(
                Query.query(more.and("task").is(task).and("state").nin(others))
                    .with(Sort.by(Direction.DESC, "created", "_id"))
                    .skip(skip)
                    .limit(limit),
                Job.class));
  }

  /** The first job of the task that comes after another one by its id; of any organization. */
  public Optional<Job> firstOfTaskAfter(String task) {
    return idempotent(
        () ->
            Optional.ofNullable(
                mongo.findOne(
                    Query.query(Criteria.where("task").gt(task)).with(Sort.by("task")),
                    Job.class)));
  }

  /** Removes jobs, as far as they have ended; how many that were. */
  long removeEnded(List<Job> jobs) {
    var which =
        Query.query(
            Criteria.where("_id")
                .in(jobs.stream().map(Job::id).toList())
                .and("state")
                .in(Arrays.stream(JobState.values()).filter(JobState::isFinal).toList()));
    return idempotent(() -> mongo.remove(which, Job.class)).getDeletedCount();
  }

  /**
   * Gives a held job other arguments than it was made with.
   *
   * @return the job with them; empty if it has changed since it was read
   */
  public Optional<Job> give(Job held, Task task, Arguments arguments) {
    var asRead =
        Query.query(
            owned(held.organization(), held.id())
                .and("state")
                .is(JobState.HELD)
                .and("rev")
                .is(held.rev()));
    var kept = secrets.sealedArguments(task, held.id(), arguments.texts());
    var files =
        arguments.files().stream()
            .map(f -> secrets.sealedFile(task, held.id(), GivenFile.of(f)))
            .toList();
    var given =
        new Update()
            .set("arguments", kept)
            .set("files", files)
            .set("spec.maskedArguments", task.maskedArguments())
            .set("spec.limits", LimitKeys.of(task, arguments.texts(), secrets))
            .inc("rev", 1);
    return verified(
        () -> Optional.ofNullable(mongo.findAndModify(asRead, given, NEW, Job.class)),
        () ->
            find(held.organization(), held.id())
                .filter(job -> job.rev() > held.rev())
                .filter(job -> job.arguments().equals(kept)));
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

  private static Criteria owned(String organization, String id) {
    return Criteria.where("_id").is(id).and("organization").is(organization);
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
  public Lease lease(String host, String agent, Claim claim) {
    return new Lease(host, agent, claim.epoch(), claim.claim(), clock.instant(), claim.heard());
  }
}
