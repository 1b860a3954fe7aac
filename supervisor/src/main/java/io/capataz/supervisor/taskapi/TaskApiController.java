package io.capataz.supervisor.taskapi;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.capataz.supervisor.access.Allow;
import io.capataz.supervisor.access.Caller;
import io.capataz.supervisor.access.KeyMode;
import io.capataz.supervisor.access.Role;
import io.capataz.supervisor.access.Scope;
import io.capataz.supervisor.callback.Resends;
import io.capataz.supervisor.callback.TaskObject;
import io.capataz.supervisor.job.Cancellations;
import io.capataz.supervisor.job.Cancellations.Cancel;
import io.capataz.supervisor.job.Job;
import io.capataz.supervisor.job.Jobs;
import io.capataz.supervisor.web.Accepts;
import io.capataz.supervisor.web.ApiInput;
import io.capataz.supervisor.web.ApiProblem;
import jakarta.servlet.http.HttpServletRequest;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestMethod;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.node.ObjectNode;

/**
 * The task API of seed 001's family of systems, as far as its clients need it to make, read, list
 * and cancel tasks and to have their callbacks sent again. A type is the name of a task here, and a
 * task is a job. Every success is a 200, because its Python client takes nothing else for one.
 *
 * <p>The token is a Bearer token or the user of Basic authentication. With {@code test_} before it,
 * tasks are made and seen apart from the others, and their callbacks have the key for tests.
 */
@RestController
class TaskApiController {

  private static final Set<String> LIMITED = Set.of("task_id", "status", "metadata", "project");

  private final NewTasks newTasks;
  private final Jobs jobs;
  private final Cancellations cancellations;
  private final TaskRecords records;
  private final UniqueIds uniqueIds;
  private final TaskObject objects;
  private final Resends resends;

  TaskApiController(
      NewTasks newTasks,
      Jobs jobs,
      Cancellations cancellations,
      TaskRecords records,
      UniqueIds uniqueIds,
      TaskObject objects,
      Resends resends) {
    this.newTasks = newTasks;
    this.jobs = jobs;
    this.cancellations = cancellations;
    this.records = records;
    this.uniqueIds = uniqueIds;
    this.objects = objects;
    this.resends = resends;
  }

  /**
   * {@code POST /v1/task/{type}}: runs the task with that name, or that id. The body has the values
   * of its parameters by their labels, and {@code callback_url instruction metadata tags unique_id
   * project batch urgency}; JSON or a form. 409 if another task has the {@code unique_id}.
   */
  @PostMapping({"/v1/task/{type}", "/v1/task/{type}/"})
  @Allow(role = Role.USER, scope = Scope.TASK_RUN, basic = true)
  ObjectNode make(
      @PathVariable String type,
      @RequestHeader(name = "Idempotency-Key", required = false) @Nullable String once,
      ApiInput input,
      Caller.Member caller,
      HttpServletRequest request) {
    return shown(newTasks.make(caller, isTest(request), type, input, once));
  }

  /** {@code GET /v1/task/{id}}: returns a task. */
  @GetMapping("/v1/task/{id}")
  @Allow(role = Role.VIEWER, scope = Scope.JOB_READ, basic = true)
  ObjectNode get(@PathVariable String id, Caller.Member caller, HttpServletRequest request) {
    return shown(found(caller, id, request));
  }

  /**
   * A page of tasks.
   *
   * @param total how many there are
   * @param hasMore whether more follow
   * @param nextToken the {@code next_token} of the next page, if more follow
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record TaskList(
      List<ObjectNode> docs,
      long total,
      int limit,
      int offset,
      boolean hasMore,
      @Nullable String nextToken) {
    TaskList {
      docs = List.copyOf(docs);
    }
  }

  /**
   * {@code GET /v1/tasks}: lists the tasks that were made by this API, newest first; at most 100,
   * see {@code limit}. {@code status type project batch tags unique_id} choose by value, {@code
   * start_time end_time} by creation, {@code completed_after completed_before updated_after
   * updated_before} by these times; {@code next_token} continues. With {@code limited_response},
   * only {@code task_id status metadata project} are returned.
   */
  @GetMapping("/v1/tasks")
  @Accepts(
      query = {
        "start_time",
        "end_time",
        "status",
        "type",
        "project",
        "batch",
        "limit",
        "offset",
        "completed_before",
        "completed_after",
        "updated_before",
        "updated_after",
        "next_token",
        "customer_review_status",
        "tags",
        "unique_id",
        "include_attachment_url",
        "limited_response"
      })
  @Allow(role = Role.VIEWER, scope = Scope.JOB_READ, basic = true)
  TaskList list(ApiInput input, Caller.Member caller, HttpServletRequest request) {
    var asked = TaskQuery.read(input);
    var found = records.list(caller, isTest(request), asked);
    var hasMore = found.records().size() > asked.limit();
    var page = found.records().stream().limit(asked.limit()).toList();
    var docs =
        page.stream()
            .map(record -> jobs.find(record.organization(), record.id()))
            .flatMap(Optional::stream)
            .map(this::shown)
            .map(task -> asked.isLimited() ? task.retain(LIMITED) : task)
            .toList();
    return new TaskList(
        docs,
        found.total(),
        asked.limit(),
        asked.offset(),
        hasMore,
        hasMore ? page.getLast().id() : null);
  }

  /**
   * {@code POST /v1/task/{id}/cancel}: cancels a task that is pending; one that runs is stopped.
   * With {@code clear_unique_id=true} its {@code unique_id} may be used again. 400 if it has ended.
   */
  @PostMapping("/v1/task/{id}/cancel")
  @Accepts(query = "clear_unique_id", body = Accepts.Body.NONE)
  @Allow(role = Role.USER, scope = Scope.JOB_WRITE, basic = true)
  ObjectNode cancel(
      @PathVariable String id, ApiInput input, Caller.Member caller, HttpServletRequest request) {
    var job = found(caller, id, request);
    var clears = input.queryTruth("clear_unique_id");
    if (job.state().isFinal()
        || cancellations.cancel(job, caller.name()).equals(Optional.of(Cancel.ENDED))) {
      throw ApiProblem.badRequest(
          "not_pending", "The task is not pending, so it cannot be canceled.");
    }
    if (clears) {
      clear(job);
    }
    return shown(found(caller, id, request));
  }

  /**
   * {@code POST /v1/task/{id}/unique_id}: gives a task another {@code unique_id}. 409 if another
   * task has it.
   */
  @PostMapping("/v1/task/{id}/unique_id")
  @Allow(role = Role.USER, scope = Scope.JOB_WRITE, basic = true)
  ObjectNode setUniqueId(
      @PathVariable String id, ApiInput input, Caller.Member caller, HttpServletRequest request) {
    var job = made(caller, id, request);
    var uniqueId = TaskBody.uniqueId(input);
    var test = isTest(request);
    var owner = uniqueIds.bind(job.organization(), test, uniqueId, job.id());
    if (!owner.equals(job.id())) {
      throw NewTasks.taken();
    }
    release(job, uniqueId);
    records.setUniqueId(job.id(), uniqueId);
    return shown(job);
  }

  /** {@code DELETE /v1/task/{id}/unique_id}: takes the {@code unique_id} from a task. */
  @DeleteMapping("/v1/task/{id}/unique_id")
  @Allow(role = Role.USER, scope = Scope.JOB_WRITE, basic = true)
  ObjectNode clearUniqueId(
      @PathVariable String id, Caller.Member caller, HttpServletRequest request) {
    return changed(made(caller, id, request), this::clear);
  }

  private void clear(Job job) {
    release(job, "");
    records.setUniqueId(job.id(), null);
  }

  /** Gives up the unique_id that a task has, unless it is that one. */
  private void release(Job job, String other) {
    records
        .find(job.id())
        .ifPresent(
            record -> {
              var uniqueId = record.said().uniqueId();
              if (uniqueId != null && !uniqueId.equals(other)) {
                uniqueIds.release(record.organization(), record.test(), uniqueId, record.id());
              }
            });
  }

  /**
   * {@code POST /v1/task/{id}/setMetadata}: replaces the metadata of a task by the body, or by its
   * {@code docs}.
   */
  @PostMapping("/v1/task/{id}/setMetadata")
  @Accepts(body = Accepts.Body.DOCUMENT)
  @Allow(role = Role.USER, scope = Scope.JOB_WRITE, basic = true)
  ObjectNode setMetadata(
      @PathVariable String id, ApiInput input, Caller.Member caller, HttpServletRequest request) {
    return changed(
        made(caller, id, request), job -> records.setMetadata(job.id(), TaskBody.metadata(input)));
  }

  /** {@code POST /v1/task/{id}/tags}: replaces the tags of a task by the list in the body. */
  @PostMapping("/v1/task/{id}/tags")
  @Accepts(body = Accepts.Body.DOCUMENT)
  @Allow(role = Role.USER, scope = Scope.JOB_WRITE, basic = true)
  ObjectNode setTags(
      @PathVariable String id, ApiInput input, Caller.Member caller, HttpServletRequest request) {
    return changed(
        made(caller, id, request), job -> records.setTags(job.id(), TaskBody.tags(input)));
  }

  /** {@code PUT /v1/task/{id}/tags}: adds the tags in the body to those of a task. */
  @PutMapping("/v1/task/{id}/tags")
  @Accepts(body = Accepts.Body.DOCUMENT)
  @Allow(role = Role.USER, scope = Scope.JOB_WRITE, basic = true)
  ObjectNode addTags(
      @PathVariable String id, ApiInput input, Caller.Member caller, HttpServletRequest request) {
    return changed(
        made(caller, id, request), job -> records.addTags(job.id(), TaskBody.tags(input)));
  }

  /** {@code DELETE /v1/task/{id}/tags}: removes the tags in the body from those of a task. */
  @DeleteMapping("/v1/task/{id}/tags")
  @Accepts(body = Accepts.Body.DOCUMENT)
  @Allow(role = Role.USER, scope = Scope.JOB_WRITE, basic = true)
  ObjectNode removeTags(
      @PathVariable String id, ApiInput input, Caller.Member caller, HttpServletRequest request) {
    return changed(
        made(caller, id, request), job -> records.removeTags(job.id(), TaskBody.tags(input)));
  }

  /**
   * {@code POST /v1/task/{id}/send-callback}, or {@code GET} as older clients do: sends the
   * callback of a task again, with what was sent first. 400 if it has not ended, or has none.
   */
  @RequestMapping(
      path = "/v1/task/{id}/send-callback",
      method = {RequestMethod.POST, RequestMethod.GET})
  @Accepts(body = Accepts.Body.DOCUMENT)
  @Allow(role = Role.USER, scope = Scope.JOB_WRITE, basic = true)
  ObjectNode sendCallback(
      @PathVariable String id, Caller.Member caller, HttpServletRequest request) {
    var job = found(caller, id, request);
    resends.ofJob(job);
    return shown(job);
  }

  private ObjectNode changed(Job job, Consumer<Job> change) {
    change.accept(job);
    return shown(job);
  }

  private ObjectNode shown(Job job) {
    return objects.of(job);
  }

  private static boolean isTest(HttpServletRequest request) {
    return KeyMode.of(request) == KeyMode.TEST;
  }

  /** A job of any origin; what is for tests is seen by test keys, and nothing else is. */
  private Job found(Caller.Member caller, String id, HttpServletRequest request) {
    return jobs.visible(caller, id)
        .filter(job -> TaskObject.isTest(job) == isTest(request))
        .orElseThrow(() -> ApiProblem.notFound("The task"));
  }

  /** A job that was made by this API. */
  private Job made(Caller.Member caller, String id, HttpServletRequest request) {
    var job = found(caller, id, request);
    if (!TaskObject.isOurs(job)) {
      throw ApiProblem.badRequest(
          "not_of_this_api", "Only tasks that were made by POST /v1/task/{type} have this.");
    }
    return job;
  }
}
