package io.capataz.supervisor.task;

import io.capataz.supervisor.access.Allow;
import io.capataz.supervisor.access.Caller;
import io.capataz.supervisor.access.Role;
import io.capataz.supervisor.access.Scope;
import io.capataz.supervisor.listing.Listing;
import io.capataz.supervisor.web.Accepts;
import io.capataz.supervisor.web.ApiInput;
import io.capataz.supervisor.web.FieldReader;
import io.capataz.supervisor.web.LargeBody;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.bson.types.ObjectId;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PatchMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RestController;

/** Tasks over HTTP: the rows of seed 004 that list, show, create, change and remove them. */
@RestController
class TaskController {

  private static final int PAGE = 1_000;

  private final Tasks tasks;
  private final TaskFields fields;
  private final TaskChanges changes;
  private final InstantSource clock;

  TaskController(Tasks tasks, TaskFields fields, TaskChanges changes, InstantSource clock) {
    this.tasks = tasks;
    this.fields = fields;
    this.changes = changes;
    this.clock = clock;
  }

  private static final Listing.Offer<Task> LIST =
      new Listing.Offer<>(
          Map.of(
              "name", new Listing.Order<>(Task::name),
              "creation_date", new Listing.Order<>(Tasks.CREATED),
              "last_update", new Listing.Order<>(Tasks.UPDATED)),
          "name",
          Set.of("name", "host_id", "pool", "script_id", "tags", "library", "triggers"),
          PAGE,
          PAGE);

  /**
   * {@code GET /{customer}/task} (seed 004, example 1) and {@code GET /task}: lists the tasks that
   * the caller may see, by name. Sorted by {@code name}, {@code creation_date} or {@code
   * last_update}; filtered by {@code name host_id pool script_id tags library triggers}; see {@link
   * Listing}.
   */
  @GetMapping({"/{customer}/task", "/task"})
  @Accepts(checksQuery = true)
  @Allow(role = Role.VIEWER, scope = Scope.TASK_READ)
  ResponseEntity<List<TaskView>> list(ApiInput input, Caller.Member caller) {
    var asked = LIST.read(input);
    return asked.answer(tasks.list(caller, asked), TaskView::of);
  }

  /**
   * {@code GET /{customer}/task/{id}} (seed 004, example 2) and {@code GET /task/{id}}: returns one
   * task. Its version is the {@code ETag}; with that in {@code If-None-Match}, returns 304 if it
   * has not changed.
   */
  @GetMapping({"/{customer}/task/{id}", "/task/{id:[0-9a-fA-F]{24}}"})
  @Allow(role = Role.VIEWER, scope = Scope.TASK_READ)
  ResponseEntity<TaskView> get(@PathVariable String id, Caller.Member caller) {
    return shown(tasks.visible(caller, id).orElseThrow(TaskChanges::noSuchTask));
  }

  /**
   * {@code POST /{customer}/task} and {@code POST /task}: creates a task. The response shows its
   * secret key.
   *
   * <p>Fields: {@code name}, {@code host_id} or {@code pool}, {@code script: {filename, content,
   * interpreter}}, with {@code data} instead of {@code content} for bytes that are not text, or
   * {@code script_id}; and, each optional, {@code description tags task_arguments env masked_env
   * run_as acls timeout grace priority multitasking max_parallel concurrency_key concurrency_limit
   * max_attempts on_lost retry_delay kill_signal kill_mode output_limit memory_limit process_limit
   * interpreter enable triggers grace_time library keep_jobs keep_days callback_url credentials
   * calls kept}. Times are in seconds, limits in bytes. {@code host}, {@code script} as an id,
   * {@code acl}, {@code script_runas} and {@code limits: {output, memory, processes}} are aliases.
   * Masked values are never shown, not even in this response. Unknown fields are rejected with 400;
   * the response lists the valid ones.
   *
   * <p>With {@code host_ids}, a list, creates one task per host and returns a list; if anything is
   * invalid, none is created.
   */
  @PostMapping({"/{customer}/task", "/task"})
  @Accepts(body = Accepts.Body.DOCUMENT)
  @Allow(role = Role.ADMIN, scope = Scope.TASK_WRITE)
  @LargeBody
  ResponseEntity<TasksMade> create(ApiInput input, Caller.Member caller) {
    var draft =
        fields.readNew(
            FieldReader.of(input.object()), caller.organization(), clock.instant(), caller.name());
    var task = changes.withScript(draft);
    if (!draft.list()) {
      var secret = changes.add(task);
      return TaskChanges.tag(task).<TasksMade>answer(TaskView.of(task, secret.reveal()));
    }
    var made = new ArrayList<TaskView>();
    for (var target : draft.targets()) {
      var one = task.on(ObjectId.get().toHexString(), target);
      var secret = changes.add(one);
      made.add(TaskView.of(one, secret.reveal()));
    }
    return ResponseEntity.ok(new TasksMade.OneForEach(made));
  }

  /**
   * {@code PUT /{customer}/task/{id}} and {@code PUT /task/{id}}: replaces the task; omitted fields
   * get their defaults. The fields are those of {@code POST}. Read-only fields of a response may be
   * sent back, and a mask stands for the current value. With {@code If-Match} and the {@code ETag}
   * of a response: 412 if the task has changed since.
   */
  @PutMapping({"/{customer}/task/{id}", "/task/{id:[0-9a-fA-F]{24}}"})
  @Accepts(body = Accepts.Body.DOCUMENT)
  @Allow(role = Role.ADMIN, scope = Scope.TASK_WRITE)
  @LargeBody
  ResponseEntity<TaskView> replace(
      @PathVariable String id,
      @RequestHeader(name = HttpHeaders.IF_MATCH, required = false) @Nullable String ifMatch,
      ApiInput input,
      Caller.Member caller) {
    var body = input.object();
    return shown(changes.toBody(caller, id, ifMatch, _ -> body));
  }

  /**
   * {@code PATCH /{customer}/task/{id}} and {@code PATCH /task/{id}}: changes only the fields in
   * the body (RFC 7396): null resets a field to its default, objects ({@code env}) are merged,
   * lists are replaced. {@code If-Match} as with {@code PUT}.
   */
  @PatchMapping({"/{customer}/task/{id}", "/task/{id:[0-9a-fA-F]{24}}"})
  @Accepts(body = Accepts.Body.DOCUMENT)
  @Allow(role = Role.ADMIN, scope = Scope.TASK_WRITE)
  @LargeBody
  ResponseEntity<TaskView> patch(
      @PathVariable String id,
      @RequestHeader(name = HttpHeaders.IF_MATCH, required = false) @Nullable String ifMatch,
      ApiInput input,
      Caller.Member caller) {
    var patch = input.object();
    return shown(changes.toBody(caller, id, ifMatch, current -> TaskPatch.merged(current, patch)));
  }

  /**
   * {@code DELETE /{customer}/task/{id}} (seed 004) and {@code DELETE /task/{id}}: removes a task
   * with its versions and keys. Cancels its waiting jobs and lets running ones finish; its jobs
   * remain visible. {@code If-Match} as with {@code PUT}.
   */
  @DeleteMapping({"/{customer}/task/{id}", "/task/{id:[0-9a-fA-F]{24}}"})
  @Allow(role = Role.ADMIN, scope = Scope.TASK_WRITE)
  Map<String, String> delete(
      @PathVariable String id,
      @RequestHeader(name = HttpHeaders.IF_MATCH, required = false) @Nullable String ifMatch,
      Caller.Member caller) {
    changes.remove(caller, id, ifMatch);
    return Map.of();
  }

  private static ResponseEntity<TaskView> shown(Task task) {
    return TaskChanges.tag(task).answer(TaskView.of(task));
  }
}
