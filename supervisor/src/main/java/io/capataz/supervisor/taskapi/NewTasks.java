package io.capataz.supervisor.taskapi;

import io.capataz.common.protocol.MessageJson;
import io.capataz.supervisor.access.Caller;
import io.capataz.supervisor.callback.TaskObject;
import io.capataz.supervisor.job.Cause;
import io.capataz.supervisor.job.Job;
import io.capataz.supervisor.job.Job.User;
import io.capataz.supervisor.job.Jobs;
import io.capataz.supervisor.run.Submissions;
import io.capataz.supervisor.task.Task;
import io.capataz.supervisor.task.Tasks;
import io.capataz.supervisor.web.ApiInput;
import io.capataz.supervisor.web.ApiProblem;
import java.time.InstantSource;
import org.bson.types.ObjectId;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Makes tasks: jobs of the task that has the type's name. */
@Component
class NewTasks {

  private final Tasks tasks;
  private final Submissions submissions;
  private final Jobs jobs;
  private final TaskRecords records;
  private final UniqueIds uniqueIds;
  private final InstantSource clock;

  NewTasks(
      Tasks tasks,
      Submissions submissions,
      Jobs jobs,
      TaskRecords records,
      UniqueIds uniqueIds,
      InstantSource clock) {
    this.tasks = tasks;
    this.submissions = submissions;
    this.jobs = jobs;
    this.records = records;
    this.uniqueIds = uniqueIds;
    this.clock = clock;
  }

  /**
   * Makes a task.
   *
   * @param once an idempotency key; null: none
   * @throws ApiProblem 400, 404, 409 if another task has its {@code unique_id}
   */
  Job make(Caller.Member caller, boolean test, String type, ApiInput input, @Nullable String once) {
    var task = task(caller, type);
    var asked = TaskBody.read(task, input);
    var origin = test ? TaskObject.TEST : TaskObject.LIVE;
    var cause = new Cause(origin, caller.name(), User.of(caller), null);
    var id =
        once == null
            ? ObjectId.get().toHexString()
            : submissions.bind(task.id(), cause, once, MessageJson.write(input.object())).id();
    var record = record(owner(caller, test, asked, id), task, test, asked);
    records.add(record);
    try {
      return submissions.submitAs(record.id(), task, asked.run(), cause);
    } catch (ApiProblem refused) {
      records.forget(record);
      throw refused;
    }
  }

  private Task task(Caller.Member caller, String type) {
    var named = tasks.named(caller, type, 2);
    if (named.size() > 1) {
      throw ApiProblem.badRequest(
          "ambiguous_type", "More than one task has this name. Use the id of one of them.");
    }
    var task =
        named.stream()
            .findFirst()
            .or(() -> tasks.runnable(caller, type))
            .orElseThrow(() -> ApiProblem.notFound("A task with the name or the id of this type"));
    if (!task.start().enabled()) {
      throw ApiProblem.badRequest(
          "task_disabled", "The task is disabled. An administrator can enable it (enable: true).");
    }
    return task;
  }

  /** The id of the task: of one that was begun with this unique_id and not made, or a new one. */
  private String owner(Caller.Member caller, boolean test, TaskBody.Asked asked, String id) {
    var uniqueId = asked.said().uniqueId();
    if (uniqueId == null) {
      return id;
    }
    var owner = uniqueIds.bind(caller.organization(), test, uniqueId, id);
    if (!owner.equals(id) && jobs.find(owner).isPresent()) {
      throw taken();
    }
    return owner;
  }

  static ApiProblem taken() {
    return ApiProblem.conflict(
        "unique_id_taken", "Another task has this unique_id. GET /v1/tasks?unique_id=… finds it.");
  }

  private TaskRecord record(String id, Task task, boolean test, TaskBody.Asked asked) {
    var now = clock.instant();
    return new TaskRecord(
        id,
        task.organization(),
        task.acl(),
        task.name(),
        test,
        asked.said(),
        now,
        now,
        TaskRecord.PENDING,
        null);
  }
}
