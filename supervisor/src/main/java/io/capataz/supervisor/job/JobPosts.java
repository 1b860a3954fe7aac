package io.capataz.supervisor.job;

import io.capataz.common.protocol.MessageJson;
import io.capataz.supervisor.job.Job.Origin;
import io.capataz.supervisor.script.ScriptFiles;
import io.capataz.supervisor.task.Task;
import io.capataz.supervisor.web.ApiProblem;
import io.capataz.supervisor.web.ApiProblem.FieldError;
import java.time.InstantSource;
import java.util.List;
import org.bson.types.ObjectId;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Makes jobs, once for each {@code Idempotency-Key}. */
@Component
class JobPosts {

  private static final int LONGEST_KEY = 255;

  private final Jobs jobs;
  private final JobFiles files;
  private final Limits limits;
  private final IdempotencyKeys keys;
  private final ScriptFiles scripts;
  private final InstantSource clock;

  JobPosts(
      Jobs jobs,
      JobFiles files,
      Limits limits,
      IdempotencyKeys keys,
      ScriptFiles scripts,
      InstantSource clock) {
    this.jobs = jobs;
    this.files = files;
    this.limits = limits;
    this.keys = keys;
    this.scripts = scripts;
    this.clock = clock;
  }

  /**
   * What came of a post.
   *
   * @param replayed whether the job was there before, under the same key
   */
  record Posted(Job job, boolean replayed) {}

  /**
   * @param once the caller's key; null: every post makes a job
   */
  Posted post(Task task, RunRequest run, @Nullable String once, Origin origin, String by) {
    if (once == null) {
      return new Posted(create(ObjectId.get().toHexString(), task, run, origin, by), false);
    }
    if (once.isBlank() || once.length() > LONGEST_KEY) {
      throw ApiProblem.badRequest(
          "invalid_idempotency_key", "An Idempotency-Key has 1 to " + LONGEST_KEY + " characters.");
    }
    var bound =
        keys.bind(task.id(), once, MessageJson.write(run))
            .orElseThrow(
                () ->
                    ApiProblem.unprocessable(
                        "idempotency_key_reused",
                        "This Idempotency-Key was used for another request to this task. Use a new"
                            + " key for each request, and the same one only to repeat it."));
    var there = bound.isNew() ? null : jobs.find(bound.id()).orElse(null);
    return there != null
        ? new Posted(there, true)
        : new Posted(create(bound.id(), task, run, origin, by), !bound.isNew());
  }

  private Job create(String id, Task task, RunRequest run, Origin origin, String by) {
    if (run.startBy() != null && !run.startBy().isAfter(clock.instant())) {
      throw ApiProblem.invalid(
          List.of(new FieldError("/start_by", "in_the_past", "must be an instant to come.")));
    }
    // In line behind those who wait for a seat already, not in front of the agents.
    var full =
        Limits.of(task, run.arguments()).stream().filter(limits::isFull).findFirst().orElse(null);
    files.keep(task.organization(), id, task.maskedArguments(), run.files());
    // A file's current version, from now on for this job; a later upload does not change it. Where
    // there is none, whoever claims the job is told so.
    var script = scripts.currentOrSame(task.organization(), task.script());
    var job = jobs.create(id, task, script, run, full, origin, by);
    if (full != null) {
      // The last seat may have become free while nobody was in line.
      limits.open(full);
    }
    return job;
  }
}
