package io.capataz.supervisor.run;

import io.capataz.common.protocol.Bytes;
import io.capataz.common.protocol.MessageJson;
import io.capataz.supervisor.job.Cause;
import io.capataz.supervisor.job.Job;
import io.capataz.supervisor.job.Job.Limit;
import io.capataz.supervisor.job.JobFiles;
import io.capataz.supervisor.job.JobSecrets;
import io.capataz.supervisor.job.Jobs;
import io.capataz.supervisor.job.LimitKeys;
import io.capataz.supervisor.job.NewJobs;
import io.capataz.supervisor.job.NewJobs.Draft;
import io.capataz.supervisor.job.RunRequest;
import io.capataz.supervisor.queue.Limits;
import io.capataz.supervisor.script.ScriptFiles;
import io.capataz.supervisor.task.Task;
import io.capataz.supervisor.web.ApiProblem;
import io.capataz.supervisor.web.ApiProblem.FieldError;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.bson.types.ObjectId;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * The one way in which jobs come to be: by token, by secret key, in batches, as restarts. Whatever
 * else starts tasks, a schedule, a webhook or a workflow, submits here too.
 */
@Component
public class Submissions {

  private static final int LONGEST_KEY = 255;

  private final Jobs jobs;
  private final NewJobs newJobs;
  private final JobFiles files;
  private final Limits limits;
  private final IdempotencyKeys keys;
  private final ScriptFiles scripts;
  private final JobSecrets secrets;
  private final JobUsage usage;
  private final CalledJobs called;
  private final CallbackTargets callbacks;
  private final InstantSource clock;

  Submissions(
      Jobs jobs,
      NewJobs newJobs,
      JobFiles files,
      Limits limits,
      IdempotencyKeys keys,
      ScriptFiles scripts,
      JobSecrets secrets,
      JobUsage usage,
      CalledJobs called,
      CallbackTargets callbacks,
      InstantSource clock) {
    this.callbacks = callbacks;
    this.usage = usage;
    this.called = called;
    this.jobs = jobs;
    this.newJobs = newJobs;
    this.files = files;
    this.limits = limits;
    this.keys = keys;
    this.scripts = scripts;
    this.secrets = secrets;
    this.clock = clock;
  }

  /**
   * A job that was submitted.
   *
   * @param replayed whether the job existed already, under the same idempotency key
   */
  public record Submitted(Job job, boolean replayed) {}

  /**
   * Submits a run of a task.
   *
   * @param run checked against the task's parameters
   * @param once an idempotency key: the same request under the same key makes one job; null: every
   *     call makes a job
   * @throws ApiProblem 400 if {@code start_by} has passed or the key is malformed, 422 if the key
   *     was used for another request to this task, 410 if its job was removed since, 403 or 429 if
   *     the organization has as many jobs as it may have
   */
  public Submitted submit(Task task, RunRequest run, Cause cause, @Nullable String once) {
    if (once == null) {
      return new Submitted(create(ObjectId.get().toHexString(), task, run, cause, null), false);
    }
    var bound = bind(task, cause, once, MessageJson.write(run));
    var there = bound.isNew() ? null : jobs.find(bound.id()).orElse(null);
    return there != null
        ? new Submitted(there, true)
        : new Submitted(create(bound.id(), task, run, cause, bound.entry()), !bound.isNew());
  }

  /**
   * Submits a run of a task as the job with that id. If the job is there already, it stays as it
   * is: whoever derives the id from what causes the job makes it once.
   *
   * @param run checked against the task's parameters
   * @throws ApiProblem 403 or 429 if the organization has as many jobs as it may have, 409 if jobs
   *     call each other without end
   */
  public Job submitAs(String id, Task task, RunRequest run, Cause cause) {
    return jobs.find(id).orElseGet(() -> create(id, task, run, cause, null));
  }

  /**
   * A batch that was submitted.
   *
   * @param jobs in the order of its runs
   * @param replayed whether it was submitted before, under the same idempotency key
   */
  record SubmittedBatch(List<Job> jobs, boolean replayed) {}

  /**
   * Makes a job for each run, all with one command. The id of each job follows from the key and the
   * place in the batch, so a batch of which only a part was made is completed by submitting it
   * again.
   *
   * @param once an idempotency key for the whole batch; null: every call makes new jobs
   */
  SubmittedBatch submitBatch(Task task, List<RunRequest> runs, Cause cause, @Nullable String once) {
    checkStartBy(runs);
    var bound = once == null ? null : bind(task, cause, once, MessageJson.write(runs));
    var batch = bound == null ? ObjectId.get().toHexString() : bound.id();
    var replayed = bound != null && !bound.isNew();
    var entry = bound == null ? null : bound.entry();
    var there = new HashMap<String, Job>();
    var missing = new ArrayList<Draft>();
    var full = new HashMap<Limit, Boolean>();
    if (!replayed) {
      // Before anything of it is kept.
      usage.check(task.organization(), runs.size());
    }
    for (var i = 0; i < runs.size(); i++) {
      var id = idInBatch(batch, i);
      var found = replayed ? jobs.find(id) : Optional.<Job>empty();
      found.ifPresent(job -> there.put(id, job));
      if (found.isEmpty()) {
        missing.add(
            draft(
                id,
                task,
                runs.get(i),
                cause,
                entry,
                limit -> full.computeIfAbsent(limit, limits::isFull)));
      }
    }
    newJobs
        .createAll(missing)
        .forEach(
            job -> {
              usage.made(job);
              there.put(job.id(), job);
            });
    full.forEach((limit, isFull) -> openIf(isFull, limit));
    var inOrder =
        IntStream.range(0, runs.size())
            .mapToObj(i -> Objects.requireNonNull(there.get(idInBatch(batch, i))))
            .toList();
    return new SubmittedBatch(inOrder, replayed);
  }

  private void checkStartBy(List<RunRequest> runs) {
    var now = clock.instant();
    var errors = new ArrayList<FieldError>();
    for (var i = 0; i < runs.size(); i++) {
      var startBy = runs.get(i).startBy();
      if (startBy != null && !startBy.isAfter(now)) {
        errors.add(inThePast("/runs/" + i + "/start_by"));
      }
    }
    if (!errors.isEmpty()) {
      throw ApiProblem.invalid(errors);
    }
  }

  /** The batch's time, a digest of its random part, and the position: ids in the order of runs. */
  private static String idInBatch(String batch, int place) {
    var digest = Bytes.utf8(batch).sha256();
    return batch.substring(0, 8) + digest.substring(digest.length() - 10) + "%06x".formatted(place);
  }

  private IdempotencyKeys.Reservation bind(Task task, Cause cause, String once, byte[] request) {
    return bind(task.id(), cause, once, request);
  }

  /**
   * The id under which whatever is asked for is made once.
   *
   * @param target the id of what is run
   * @throws ApiProblem 400 if the key is malformed, 422 if it was used for another request, 410 if
   *     what was made under it was removed since
   */
  public IdempotencyKeys.Reservation bind(String target, Cause cause, String once, byte[] request) {
    if (once.isBlank() || once.length() > LONGEST_KEY) {
      throw ApiProblem.badRequest(
          "invalid_idempotency_key",
          "An Idempotency-Key must have 1 to " + LONGEST_KEY + " characters.");
    }
    var bound =
        keys.bind(target, cause.by(), once, request)
            .orElseThrow(
                () ->
                    ApiProblem.unprocessable(
                        "idempotency_key_reused",
                        "This Idempotency-Key was already used for a different request to this"
                            + " task. Use a new"
                            + " key for each request; reuse a key only to repeat the same"
                            + " request."));
    if (bound.isRemoved()) {
      throw ApiProblem.gone(
          "job_removed", "The jobs posted with this Idempotency-Key have ended and were removed.");
    }
    return bound;
  }

  private static FieldError inThePast(String pointer) {
    return new FieldError(pointer, "in_the_past", "must be in the future.");
  }

  private Job create(String id, Task task, RunRequest run, Cause cause, @Nullable String once) {
    if (run.startBy() != null && !run.startBy().isAfter(clock.instant())) {
      throw ApiProblem.invalid(List.of(inThePast("/start_by")));
    }
    called.check(cause);
    usage.check(task.organization(), 1);
    var draft = draft(id, task, run, cause, once, limits::isFull);
    var job = newJobs.create(draft);
    usage.made(job);
    if (draft.full() != null) {
      openIf(true, draft.full());
    }
    return job;
  }

  /** Keeps the run's files, and says what its job will be. */
  private Draft draft(
      String id,
      Task task,
      RunRequest run,
      Cause cause,
      @Nullable String once,
      Predicate<Limit> isFull) {
    // Queued behind those that already wait for a permit, not in front of the agents.
    var full =
        LimitKeys.of(task, run.arguments(), run.maskedFor(task), secrets).stream()
            .filter(isFull)
            .findFirst()
            .orElse(null);
    files.keep(task.organization(), id, run.maskedFor(task), run.files());
    // A file's current version is fixed for this job; a later upload does not change it. If there
    // is none, the claim of the job reports it.
    var script =
        task.action()
            .runScript()
            .map(it -> scripts.currentOrSame(task.organization(), it.script()))
            .orElse(null);
    var told = run.calling(callbacks.of(task, run, cause));
    return new Draft(id, task, script, told, full, cause, once);
  }

  /** The last permit may have been released while nobody was queued. */
  private void openIf(boolean wasFull, Limit limit) {
    if (wasFull) {
      limits.open(limit);
    }
  }
}
