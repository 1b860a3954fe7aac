package io.capataz.supervisor.task;

import io.capataz.common.secret.Secret;
import io.capataz.supervisor.access.Caller;
import io.capataz.supervisor.quota.Quota;
import io.capataz.supervisor.quota.Quotas;
import io.capataz.supervisor.script.Script;
import io.capataz.supervisor.script.ScriptDraft;
import io.capataz.supervisor.script.Scripts;
import io.capataz.supervisor.secretkey.SecretKeys;
import io.capataz.supervisor.web.ApiProblem;
import io.capataz.supervisor.web.FieldReader;
import io.capataz.supervisor.web.VersionTag;
import java.time.InstantSource;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import tools.jackson.databind.node.ObjectNode;

/**
 * Changes tasks. A change applies to the current version: after losing a race against another
 * change it is retried, unless the client asked for a specific version.
 */
@Component
class TaskChanges {

  private final Tasks tasks;
  private final TaskFields fields;
  private final Scripts scripts;
  private final SecretKeys keys;
  private final Quotas quotas;
  private final WaitingJobs jobs;
  private final InstantSource clock;

  TaskChanges(
      Tasks tasks,
      TaskFields fields,
      Scripts scripts,
      SecretKeys keys,
      Quotas quotas,
      WaitingJobs jobs,
      InstantSource clock) {
    this.jobs = jobs;
    this.quotas = quotas;
    this.tasks = tasks;
    this.fields = fields;
    this.scripts = scripts;
    this.keys = keys;
    this.clock = clock;
  }

  /**
   * Applies a body to the task.
   *
   * @param body what is to be read, given the task as it is
   * @throws ApiProblem 400 for a wrong body, 404, 412
   */
  Task toBody(
      Caller.Member caller, String id, @Nullable String ifMatch, Function<Task, ObjectNode> body) {
    // A script in the request is stored once, however often the change is retried.
    var kept = new String[1];
    return change(
        caller,
        id,
        ifMatch,
        current -> {
          var draft = fields.readChanged(FieldReader.of(body.apply(current)), current);
          if (draft.brought() == null) {
            return draft.task();
          }
          if (kept[0] == null) {
            kept[0] = keptOr(draft.brought(), current);
          }
          return draft.task().running(kept[0]);
        });
  }

  /**
   * Changes a task; a change without effect creates no version.
   *
   * @throws ApiProblem 403 if there are as many versions as there may be, 404, 412
   */
  Task change(
      Caller.Member caller, String id, @Nullable String ifMatch, Function<Task, Task> change) {
    while (true) {
      var current = tasks.visible(caller, id).orElseThrow(TaskChanges::noSuchTask);
      tag(current).check(ifMatch);
      var next = change.apply(current);
      if (next.equals(current)) {
        return current;
      }
      quotas.check(current.organization(), Quota.TASK_VERSIONS, 1);
      var changed = tasks.change(current, next, clock.instant(), caller.name());
      if (changed.isPresent()) {
        quotas.changed(current.organization(), Quota.TASK_VERSIONS, 1);
        return changed.get();
      }
    }
  }

  /** The changed task, after storing the script in the request. */
  Task withScript(TaskFields.Draft draft) {
    return draft.brought() == null
        ? draft.task()
        : draft.task().running(keep(draft.task().organization(), draft.brought()));
  }

  /** Adds a task. The key is stored first, because a task without one could not be run. */
  Secret add(Task task) {
    quotas.check(task.organization(), Quota.TASK_VERSIONS, 1);
    var secret = keys.issue(task.keyTarget());
    var _ = tasks.add(task);
    quotas.changed(task.organization(), Quota.TASK_VERSIONS, 1);
    return secret;
  }

  /**
   * Removes a task. Its waiting jobs are canceled.
   *
   * @throws ApiProblem 404, 412
   */
  void remove(Caller.Member caller, String id, @Nullable String ifMatch) {
    Task task;
    do {
      task = tasks.visible(caller, id).orElseThrow(TaskChanges::noSuchTask);
      tag(task).check(ifMatch);
      // Before, so that a crash leaves no job without a task.
      jobs.cancelWaiting(task.organization(), id, caller.name());
    } while (!tasks.remove(task));
    // And after, for jobs posted in between.
    jobs.cancelWaiting(task.organization(), id, caller.name());
  }

  /**
   * The id of the task's script if it equals the one in the request; otherwise that of a new
   * script.
   */
  private String keptOr(ScriptDraft brought, Task current) {
    return scripts
        .find(current.organization(), current.action().asScript().script())
        .filter(brought::isWhat)
        .map(Script::id)
        .orElseGet(() -> keep(current.organization(), brought));
  }

  /** Stores a script from a request; returns its id. */
  String keep(String organization, ScriptDraft script) {
    return scripts
        .add(organization, script.filename(), script.interpreter(), script.content())
        .id();
  }

  static VersionTag tag(Task task) {
    return new VersionTag(task.version());
  }

  static ApiProblem noSuchTask() {
    return ApiProblem.notFound("The task");
  }
}
