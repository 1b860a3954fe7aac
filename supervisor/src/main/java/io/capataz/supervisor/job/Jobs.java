package io.capataz.supervisor.job;

import static io.capataz.supervisor.job.Job.Effect.Kind.FREE_SEATS;
import static io.capataz.supervisor.runtime.StoreCalls.repeatable;
import static io.capataz.supervisor.runtime.StoreCalls.settled;

import io.capataz.common.protocol.Claim;
import io.capataz.common.protocol.Outcome;
import io.capataz.supervisor.access.Caller;
import io.capataz.supervisor.host.HostWork;
import io.capataz.supervisor.job.Job.Attempt;
import io.capataz.supervisor.job.Job.Effect;
import io.capataz.supervisor.job.Job.Ending;
import io.capataz.supervisor.job.Job.GivenFile;
import io.capataz.supervisor.job.Job.Lease;
import io.capataz.supervisor.job.Job.Limit;
import io.capataz.supervisor.job.Job.Moved;
import io.capataz.supervisor.job.Job.Origin;
import io.capataz.supervisor.job.Job.Spec;
import io.capataz.supervisor.job.Job.Stop;
import io.capataz.supervisor.job.Job.Wake;
import io.capataz.supervisor.runtime.Indexed;
import io.capataz.supervisor.task.Task;
import io.capataz.supervisor.task.Task.OnLost;
import io.capataz.supervisor.task.WaitingJobs;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.dao.DuplicateKeyException;
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
public class Jobs implements Indexed, HostWork, WaitingJobs {

  /** How many moves and attempts of a job are remembered; the newest. */
  static final int HISTORY = 100;

  /** Until when the fast way has done what must follow from a move; after that a sweep does. */
  static final Duration FAST_WAY = Duration.ofSeconds(2);

  /** An attempt that never begins does not count, but a job cannot be given back for ever. */
  private static final int MOST_GIVEN_BACK = 5;

  /** How many jobs are read at once where all of a kind are wanted. */
  private static final int PAGE = 200;

  private static final String SUPERVISOR = "supervisor";

  private static final FindAndModifyOptions NEW = FindAndModifyOptions.options().returnNew(true);

  private final MongoOperations mongo;
  private final InstantSource clock;
  private final ApplicationEventPublisher events;
  private final SecureRandom random = new SecureRandom();

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
        // Who waits in a line, and who comes first: claims and sync.
        new Index()
            .on("state", Direction.ASC)
            .on("line", Direction.ASC)
            .on("priority", Direction.DESC)
            .on("ready", Direction.ASC)
            .on("_id", Direction.ASC),
        // What a host's agent holds.
        new Index().on("lease.host", Direction.ASC).on("state", Direction.ASC),
        // The same claim asked again.
        new Index().on("lease.claim", Direction.ASC),
        // What sweeps look for; most jobs have none of these.
        new Index().on("wake.at", Direction.ASC).sparse(),
        new Index().on("effectsDue", Direction.ASC).sparse(),
        new Index().on("silentSince", Direction.ASC).sparse(),
        new Index().on("due", Direction.ASC).sparse(),
        new Index().on("startBy", Direction.ASC).sparse(),
        // A task's jobs, and an organization's, newest first.
        new Index().on("task", Direction.ASC).on("_id", Direction.DESC),
        new Index().on("organization", Direction.ASC).on("_id", Direction.DESC));
  }

  /**
   * Makes a job of a task; from now on it waits. Inserting the same id again is free, so that a
   * lost answer makes no second job.
   *
   * @param id a new one
   * @param script the id of the script it runs, whatever becomes of the task's file
   * @param full the limit in whose line it has to wait; null: none
   */
  Job create(
      String id,
      Task task,
      String script,
      RunRequest run,
      @Nullable Limit full,
      Origin origin,
      String by) {
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
                task.environment(),
                task.timeout(),
                task.grace(),
                task.retry(),
                Limits.of(task, run.arguments()),
                task.handling(),
                task.runAs(),
                task.maskedArguments(),
                task.maskedVariables(),
                task.version(),
                task.interpreter()),
            run.arguments(),
            run.files().stream().map(GivenFile::of).toList(),
            origin,
            by,
            task.acl(),
            now,
            full == null ? Line.home(task.target()) : Line.ofLimit(full.key()),
            run.priority(),
            now,
            later,
            run.startBy(),
            new Wake(state == JobState.READY && full == null ? now.plus(FAST_WAY) : null, 1),
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
            List.of());
    var made = repeatable(() -> inserted(job));
    if (made.wake().at() != null) {
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
   * Makes a move that names no attempt, unless the job has moved on.
   *
   * @return the job after the move; empty if it was in no state the move may start from
   */
  Optional<Job> make(JobMove move, String job, String by, Update facts) {
    if (move.fenced()) {
      throw new IllegalArgumentException(move + " must name an attempt and its claim.");
    }
    return make(move, job, Criteria.where("_id").is(job), by, facts);
  }

  /**
   * Makes a move in the name of an attempt, unless the job has moved on or another attempt has
   * taken over.
   *
   * @return the job after the move; empty if the attempt is no longer the job's
   */
  Optional<Job> make(JobMove move, Fence fence, String by, Update facts) {
    return make(move, fence.attempt().job(), held(fence), by, facts);
  }

  private Optional<Job> make(JobMove move, String id, Criteria which, String by, Update facts) {
    var now = clock.instant();
    var mark = Long.toHexString(random.nextLong());
    var stillThere = Query.query(which.and("state").in(move.from()));
    facts
        .set("state", move.to())
        .inc("rev", 1)
        .push("history")
        .slice(-HISTORY)
        .each(new Moved(move, move.to(), now, by, mark));
    if (move == JobMove.LOSE_TOUCH) {
      facts.set("silentSince", now);
    } else if (move.from().contains(JobState.SILENT)) {
      facts.unset("silentSince");
    }
    if (move.to().isFinal()) {
      facts.set("ended", now).unset("wake.at").unset("due").unset("startBy");
    }
    Optional<Job> moved =
        settled(
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

  /** What else changes when a job becomes READY: it stands in its home line, to be announced. */
  private Update toReady(Update facts, Job job, Instant since) {
    return facts
        .set("line", Line.home(job.target()))
        .set("ready", since)
        .unset("due")
        .set("wake.at", clock.instant().plus(FAST_WAY))
        .inc("wake.seq", 1);
  }

  /** What else changes when an attempt is over: it is history, and its seats are to be freed. */
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
    if (!job.spec().limits().isEmpty()) {
      // ASSIGN made the turn grow by one, and nothing does while the attempt is under way.
      var granted = job.turn() - 1;
      facts
          .push("effects", new Effect("free-" + job.attempt(), FREE_SEATS, lease.claim(), granted))
          .set("effectsDue", now.plus(FAST_WAY));
    }
    return facts;
  }

  /**
   * Grants a job to an agent, if it still stands in one of the agent's lines.
   *
   * @param turn the turn for which the job's seats were taken; null: it needs none
   */
  public Optional<Job> assign(
      String job, String organization, List<String> lines, @Nullable Integer turn, Lease lease) {
    var which =
        Criteria.where("_id")
            .is(job)
            .and("organization")
            .is(organization)
            .and("line")
            .in(lines)
            // A claim that had this job once must not have it twice.
            .and("lease.claim")
            .ne(lease.claim());
    if (turn != null) {
      which = which.and("turn").is(turn);
    }
    return make(
        JobMove.ASSIGN,
        job,
        which,
        "agent:" + lease.agent(),
        new Update()
            .inc("attempt", 1)
            .inc("turn", 1)
            .set("lease", lease)
            .unset("started")
            .unset("pid")
            .unset("ending")
            .unset("startBy"));
  }

  /**
   * Lets the job's turn pass, so that nothing that was prepared under it is granted any more, and
   * has the job announced again: whoever heard of it before has died.
   *
   * @return whether the claim can no longer be granted the job under that turn
   */
  boolean passTurn(String job, int turn, String claim) {
    var passed =
        repeatable(
            () ->
                mongo.updateFirst(
                    Query.query(
                        Criteria.where("_id")
                            .is(job)
                            .and("turn")
                            .is(turn)
                            .and("lease.claim")
                            .ne(claim)),
                    new Update()
                        .inc("turn", 1)
                        .inc("rev", 1)
                        .set("wake.at", clock.instant())
                        .inc("wake.seq", 1),
                    Job.class));
    return passed.getModifiedCount() > 0
        || find(job)
            .filter(j -> j.turn() == turn || (j.lease() != null && j.lease().claim().equals(claim)))
            .isEmpty();
  }

  /** Notes that the script runs. */
  public Optional<Job> started(Fence fence, String by, long pid) {
    return make(
        JobMove.START, fence, by, new Update().set("started", clock.instant()).set("pid", pid));
  }

  /**
   * Ends an attempt: with it the job, unless it is to be tried again.
   *
   * @param job as it was read, with the attempt as its current one
   */
  public Optional<Job> end(Job job, String by, Ending ending) {
    if (job.mayEndLate()) {
      return ending.outcome() instanceof Outcome.Succeeded
          ? make(JobMove.SUCCEED_LATE, job.fence(), by, new Update().set("ending", ending))
          : Optional.empty();
    }
    // Whoever wants it to end does not want it to begin again.
    var notToEnd = held(job.fence()).and("stop").isNull();
    var again =
        isToBeTriedAgain(job, ending.outcome())
            ? retry(job, notToEnd, by, ending)
            : Optional.<Job>empty();
    return again.or(
        () ->
            make(
                moveFor(ending.outcome()),
                job.fence(),
                by,
                attemptOver(new Update(), job, ending)));
  }

  private Optional<Job> retry(Job job, Criteria which, String by, Ending ending) {
    var pause = job.spec().retry().delayAfter(job.attempt() - job.givenBack());
    var due = new Update().set("due", clock.instant().plus(pause));
    return make(JobMove.RETRY, job.id(), which, by, attemptOver(due, job, ending));
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
    // Not the revision: the broker's acknowledgement may come in between, and changes nothing here.
    var asRead =
        held(job.fence())
            .and("silentSince")
            .is(job.silentSince())
            .and("lease.epoch")
            .is(job.granted().epoch())
            .and("stop")
            .exists(job.stop() != null);
    if (job.stop() == null && isToBeTriedAgain(job, lost.outcome())) {
      return retry(job, asRead, SUPERVISOR, lost);
    }
    var move = job.stop() == null ? JobMove.FAIL : JobMove.STOP;
    return make(move, job.id(), asRead, SUPERVISOR, attemptOver(new Update(), job, lost));
  }

  /** Takes back an attempt that never began; it does not count. */
  public Optional<Job> giveBack(Job job, String by, String reason) {
    if (job.givenBack() >= MOST_GIVEN_BACK) {
      return end(
          job,
          by,
          Ending.of(
              new Outcome.CouldNotStart(
                  "It was given back " + MOST_GIVEN_BACK + " times; the last time: " + reason)));
    }
    var facts = attemptOver(new Update(), job, null).inc("givenBack", 1);
    return make(
            JobMove.GIVE_BACK,
            job.id(),
            // Whoever wants it to end does not want it to begin again.
            held(job.fence()).and("stop").isNull(),
            by,
            toReady(facts, job, job.ready()))
        .or(() -> end(job, by, Ending.of(new Outcome.Canceled())));
  }

  /** Notes that the attempt's agent is not heard of; nothing is decided by that. */
  public Optional<Job> loseTouch(Job job) {
    return make(JobMove.LOSE_TOUCH, job.fence(), SUPERVISOR, new Update());
  }

  /** Notes that the attempt's agent is heard of again, and still holds it. */
  public Optional<Job> regain(Fence fence, String by, boolean scriptRuns) {
    return make(scriptRuns ? JobMove.REGAIN_RUN : JobMove.REGAIN_CLAIM, fence, by, new Update());
  }

  /** Lets a job that waited for its time be claimed. */
  public Optional<Job> comeDue(Job job) {
    var due = job.due() == null ? job.ready() : job.due();
    return make(JobMove.COME_DUE, job.id(), SUPERVISOR, toReady(new Update(), job, due));
  }

  /** Ends a job that was not claimed in time. */
  public Optional<Job> expire(Job job) {
    return make(JobMove.EXPIRE, job.id(), SUPERVISOR, new Update());
  }

  /** Keeps a job that has not been claimed from being so; empty if it was, or is not there. */
  Optional<Job> hold(String organization, String id, String by) {
    return make(JobMove.HOLD, id, owned(organization, id), by, new Update().unset("wake.at"));
  }

  /** Lets a held job wait for its agent, or for its time if that is still to come. */
  Optional<Job> release(Job held, String by) {
    var later = held.due() != null && held.due().isAfter(clock.instant());
    return later
        ? make(JobMove.POSTPONE, held.id(), owned(held.organization(), held.id()), by, new Update())
        : make(
            JobMove.RELEASE,
            held.id(),
            owned(held.organization(), held.id()),
            by,
            toReady(new Update(), held, clock.instant()));
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
    if (make(JobMove.CANCEL, id, owned(organization, id), by, new Update()).isPresent()) {
      return Optional.of(Cancel.CANCELED);
    }
    var underWay = Query.query(owned(organization, id).and("state").in(JobState.underWay()));
    var stop = new Update().set("stop", new Stop(clock.instant(), by)).inc("rev", 1);
    Optional<Job> stopping =
        repeatable(() -> Optional.ofNullable(mongo.findAndModify(underWay, stop, NEW, Job.class)));
    if (stopping.isPresent()) {
      stopping.flatMap(Job::host).ifPresent(host -> events.publishEvent(new StopAsked(host)));
      return Optional.of(Cancel.STOPPING);
    }
    var now = find(organization, id);
    if (now.filter(job -> !job.state().isFinal()).isPresent()) {
      // It moved between the two looks: given back, or waiting for another attempt.
      return cancel(organization, id, by);
    }
    return now.map(_ -> Cancel.ENDED);
  }

  @Override
  public void callOff(String organization, String task, String by) {
    var waiting =
        Query.query(
                Criteria.where("task")
                    .is(task)
                    .and("organization")
                    .is(organization)
                    .and("state")
                    .in(JobMove.CANCEL.from()))
            .limit(PAGE);
    // Each is moved or has moved on by itself, so that every look finds others.
    for (var page = mongo.find(waiting, Job.class);
        !page.isEmpty();
        page = mongo.find(waiting, Job.class)) {
      page.forEach(
          job -> make(JobMove.CANCEL, job.id(), owned(organization, job.id()), by, new Update()));
    }
  }

  /** Ends a job whose agent cannot be told, and raises the fence so that it is not heard later. */
  Optional<Job> force(Job job, String by) {
    return make(
        JobMove.FORCE,
        job.id(),
        held(job.fence()),
        by,
        attemptOver(new Update(), job, Ending.of(new Outcome.Canceled())).inc("attempt", 1));
  }

  /** The job, if the member may see it. */
  Optional<Job> visible(Caller.Member member, String id) {
    return find(member.organization(), id).filter(job -> job.acl().admits(member));
  }

  /** The job, if it is the organization's. */
  public Optional<Job> find(String organization, String id) {
    return repeatable(
        () -> Optional.ofNullable(mongo.findOne(Query.query(owned(organization, id)), Job.class)));
  }

  /** The job, whose ever it is. */
  Optional<Job> find(String id) {
    return repeatable(() -> Optional.ofNullable(mongo.findById(id, Job.class)));
  }

  /** The job, if the attempt is its current one, in whatever state. */
  public Optional<Job> heldBy(Fence fence) {
    return repeatable(
        () -> Optional.ofNullable(mongo.findOne(Query.query(held(fence)), Job.class)));
  }

  /** What was granted under a claim id and is not over. */
  public List<Job> grantedUnder(String claim, String agent) {
    return repeatable(
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
    return repeatable(
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
    repeatable(() -> mongo.find(query, Held.class, mongo.getCollectionName(Job.class)))
        .forEach(held -> counts.merge(held.lease().host(), 1, Integer::sum));
    return counts;
  }

  @Override
  public void endOn(String host, String why) {
    for (var job : underWayOn(host)) {
      end(job, SUPERVISOR, Ending.of(new Outcome.Lost(why)));
    }
  }

  /** What a host's agent holds. */
  public List<Job> underWayOn(String host) {
    return repeatable(
        () ->
            mongo.find(
                Query.query(
                    Criteria.where("lease.host").is(host).and("state").in(JobState.underWay())),
                Job.class));
  }

  /** Newest first, all that the member may see or those of one task. */
  List<Job> newest(Caller.Member member, @Nullable String task, int limit) {
    var which = task == null ? new Criteria() : Criteria.where("task").is(task);
    which.and("organization").is(member.organization());
    if (!member.passesAcls()) {
      which.and("acl.entries").in(member.marks());
    }
    return mongo.find(
        Query.query(which).with(Sort.by(Direction.DESC, "_id")).limit(limit), Job.class);
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
