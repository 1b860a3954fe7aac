package io.capataz.supervisor.job;

import static io.capataz.supervisor.job.JobFields.ARGUMENTS;
import static io.capataz.supervisor.job.JobFields.BYTES;
import static io.capataz.supervisor.job.JobFields.FILES;
import static io.capataz.supervisor.job.JobFields.LIMITS;
import static io.capataz.supervisor.job.JobFields.MASKED_ARGUMENTS;
import static io.capataz.supervisor.job.JobFields.REV;
import static io.capataz.supervisor.job.JobFields.STATE;
import static io.capataz.supervisor.runtime.MongoRetry.idempotent;
import static io.capataz.supervisor.runtime.MongoRetry.verified;

import io.capataz.supervisor.access.Acl;
import io.capataz.supervisor.access.People;
import io.capataz.supervisor.job.Job.GivenFile;
import io.capataz.supervisor.job.Job.Holding;
import io.capataz.supervisor.job.Job.Limit;
import io.capataz.supervisor.job.Job.Outbox;
import io.capataz.supervisor.job.Job.Past;
import io.capataz.supervisor.job.Job.Pending;
import io.capataz.supervisor.job.Job.Placement;
import io.capataz.supervisor.job.Job.Provenance;
import io.capataz.supervisor.job.Job.Spec;
import io.capataz.supervisor.parameter.Arguments;
import io.capataz.supervisor.parameter.Parameter;
import io.capataz.supervisor.runtime.CompareAndSet;
import io.capataz.supervisor.task.Approve;
import io.capataz.supervisor.task.AskInput;
import io.capataz.supervisor.task.CallHttp;
import io.capataz.supervisor.task.DoneBy;
import io.capataz.supervisor.task.Notify;
import io.capataz.supervisor.task.RunScript;
import io.capataz.supervisor.task.Task;
import io.capataz.supervisor.task.Wait;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.data.mongodb.core.MongoOperations;
import org.springframework.data.mongodb.core.query.Query;
import org.springframework.data.mongodb.core.query.Update;
import org.springframework.stereotype.Repository;

/** Makes jobs, and gives held ones other arguments. */
@Repository
public class NewJobs {

  private final MongoOperations mongo;
  private final CompareAndSet store;
  private final Jobs jobs;
  private final JobSecrets secrets;
  private final Decisions decisions;
  private final KnownJobs known;
  private final InstantSource clock;
  private final ApplicationEventPublisher events;

  NewJobs(
      MongoOperations mongo,
      CompareAndSet store,
      Jobs jobs,
      JobSecrets secrets,
      Decisions decisions,
      KnownJobs known,
      InstantSource clock,
      ApplicationEventPublisher events) {
    this.mongo = mongo;
    this.store = store;
    this.jobs = jobs;
    this.secrets = secrets;
    this.decisions = decisions;
    this.known = known;
    this.clock = clock;
    this.events = events;
  }

  /**
   * A job to be made of a task.
   *
   * @param id a new one
   * @param script the id of the script it runs, whatever becomes of the task's file; null: none
   * @param full the limit in whose queue it has to wait; null: none
   * @param once the id of the idempotency entry that it is made under; null: none
   */
  public record Draft(
      String id,
      Task task,
      @Nullable String script,
      RunRequest run,
      @Nullable Limit full,
      Cause cause,
      @Nullable String once) {}

  /**
   * Makes a job; from now on it waits. Inserting the same id again is free, so that a lost answer
   * makes no second job.
   */
  public Job create(Draft draft) {
    var job = job(draft);
    return made(idempotent(() -> inserted(job)));
  }

  /** Makes jobs with one command, in their order. If some of them are there already, they stay. */
  public List<Job> createAll(List<Draft> drafts) {
    var jobs = drafts.stream().map(this::job).toList();
    return idempotent(() -> inserted(jobs)).stream().map(this::made).toList();
  }

  private Job made(Job job) {
    known.saw(job);
    events.publishEvent(new JobMade(job));
    if (job.pending().outbox().at() != null || isForSupervisors(job)) {
      events.publishEvent(new JobReady(job));
    }
    var due = job.placement().due();
    if (job.doneBy() == DoneBy.CLOCK && due != null && !due.isAfter(clock.instant())) {
      return decisions.elapse(job).orElse(job);
    }
    return job;
  }

  private static boolean isForSupervisors(Job job) {
    return job.state() == JobState.READY && job.doneBy() == DoneBy.SUPERVISOR;
  }

  private Job job(Draft draft) {
    var now = clock.instant();
    var task = draft.task();
    var run = draft.run();
    var full = draft.full();
    var begin = Beginning.of(task.action(), run, now);
    var state = begin.state();
    var spec = spec(draft.id(), task, draft.script(), run);
    return new Job(
        draft.id(),
        task.organization(),
        task.id(),
        acl(task),
        state,
        0,
        spec,
        Provenance.of(draft.cause(), now, draft.once()),
        new Placement(
            task.target(),
            full == null ? QueueName.home(task.target()) : QueueName.ofLimit(full.key()),
            run.priority(),
            now,
            begin.due(),
            begin.startBy()),
        Holding.NONE,
        new Pending(
            new Outbox(
                state == JobState.READY && full == null && task.action().doneBy() == DoneBy.AGENT
                    ? now.plus(Jobs.FAST_WAY)
                    : null,
                1),
            null,
            List.of(),
            null,
            openFor(draft.cause().origin())),
        Past.of(spec));
  }

  private static @Nullable String openFor(Origin origin) {
    return origin.position() == null ? null : origin.reference();
  }

  /** Who is asked about a job sees it, too. */
  private static Acl acl(Task task) {
    var asked =
        switch (task.action()) {
          case Approve approve -> approve.approvers();
          case AskInput input -> input.people();
          case RunScript _, Wait _, CallHttp _, Notify _ -> People.NOBODY;
        };
    return new Acl(Stream.concat(task.acl().entries().stream(), asked.entries().stream()).toList());
  }

  private Spec spec(String id, Task task, @Nullable String script, RunRequest run) {
    var policy = task.policy();
    var masked = run.maskedFor(task);
    var action = secrets.sealed(task, id);
    return new Spec(
        task.name(),
        task.version(),
        script == null ? action : action.asScript().running(script),
        policy.timeout(),
        policy.grace(),
        policy.retry(),
        LimitKeys.of(task, run.arguments(), masked, secrets),
        secrets.sealedArguments(task.organization(), id, run.arguments(), masked),
        run.files().stream()
            .map(f -> secrets.sealedFile(task.organization(), id, GivenFile.of(f), masked))
            .toList(),
        masked,
        task.parameters().stream().map(Parameter::label).toList(),
        run.callbackUrl());
  }

  private List<Job> inserted(List<Job> jobs) {
    try {
      return List.copyOf(mongo.insert(jobs, Job.class));
    } catch (DuplicateKeyException someAreThere) {
      return jobs.stream().map(this::inserted).toList();
    }
  }

  private Job inserted(Job job) {
    try {
      return mongo.insert(job);
    } catch (DuplicateKeyException there) {
      return jobs.find(job.id()).orElseThrow(() -> there);
    }
  }

  /**
   * Gives a held job other arguments than it was made with.
   *
   * @return the job with them; empty if it has changed since it was read
   */
  public Optional<Job> give(Job held, Task task, Arguments arguments) {
    var asRead =
        Query.query(
            Jobs.owned(held.organization(), held.id())
                .and(STATE)
                .is(JobState.HELD)
                .and(REV)
                .is(held.rev()));
    var masked = task.maskedArguments();
    var kept = secrets.sealedArguments(held.organization(), held.id(), arguments.texts(), masked);
    var files =
        arguments.files().stream()
            .map(f -> secrets.sealedFile(held.organization(), held.id(), GivenFile.of(f), masked))
            .toList();
    var given =
        new Update()
            .set(ARGUMENTS, kept)
            .set(FILES, files)
            .set(MASKED_ARGUMENTS, masked)
            .inc(
                BYTES,
                Spec.bytes(kept, files) - Spec.bytes(held.spec().arguments(), held.spec().files()))
            .set(LIMITS, LimitKeys.of(task, arguments.texts(), masked, secrets))
            .inc(REV, 1);
    return verified(
        () -> store.change(Job.class, asRead, given),
        () ->
            jobs.find(held.organization(), held.id())
                .filter(job -> job.rev() > held.rev())
                .filter(job -> job.spec().arguments().equals(kept)));
  }
}
