package io.capataz.supervisor.task;

import io.capataz.supervisor.access.Acl;
import io.capataz.supervisor.access.AclFields;
import io.capataz.supervisor.access.Allow;
import io.capataz.supervisor.access.Caller;
import io.capataz.supervisor.access.Role;
import io.capataz.supervisor.access.Scope;
import io.capataz.supervisor.web.ApiInput;
import java.util.List;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PatchMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RestController;

/**
 * Who may see a task, over HTTP: the ACL routes of seed 004's system. Managers may change the ACL
 * of tasks they can see.
 */
@RestController
class TaskAclController {

  private final Tasks tasks;
  private final TaskChanges changes;

  TaskAclController(Tasks tasks, TaskChanges changes) {
    this.tasks = tasks;
    this.changes = changes;
  }

  /** Who may see a task besides administrators: roles, e-mail addresses and tags. */
  record AclView(List<String> acl) {}

  /**
   * {@code GET /task/{id}/acl} and {@code GET /{customer}/task/{id}/acl}: who may see it. With the
   * task's {@code ETag} in {@code If-None-Match}, returns 304 if nothing has changed.
   */
  @GetMapping({"/{customer}/task/{id}/acl", "/task/{id}/acl"})
  @Allow(role = Role.MANAGER, scope = Scope.TASK_READ)
  ResponseEntity<AclView> get(@PathVariable String id, Caller.Member caller) {
    return shown(tasks.visible(caller, id).orElseThrow(TaskChanges::noSuchTask));
  }

  /** {@code PUT …/acl} with {@code {users: […]}}: replaces the list of those who may see it. */
  @PutMapping({"/{customer}/task/{id}/acl", "/task/{id}/acl"})
  @Allow(role = Role.MANAGER, scope = Scope.TASK_WRITE)
  ResponseEntity<AclView> replace(
      @PathVariable String id,
      @RequestHeader(name = HttpHeaders.IF_MATCH, required = false) @Nullable String ifMatch,
      ApiInput input,
      Caller.Member caller) {
    var acl = AclFields.replacement(input.object());
    return change(caller, id, ifMatch, _ -> acl);
  }

  /**
   * {@code PATCH …/acl} with {@code {users: […], action: "add" | "remove"}}: adds to or removes
   * from those who may see it.
   */
  @PatchMapping({"/{customer}/task/{id}/acl", "/task/{id}/acl"})
  @Allow(role = Role.MANAGER, scope = Scope.TASK_WRITE)
  ResponseEntity<AclView> patch(
      @PathVariable String id,
      @RequestHeader(name = HttpHeaders.IF_MATCH, required = false) @Nullable String ifMatch,
      ApiInput input,
      Caller.Member caller) {
    return change(caller, id, ifMatch, AclFields.change(input.object()));
  }

  /** {@code DELETE …/acl}: restricts the task to administrators. */
  @DeleteMapping({"/{customer}/task/{id}/acl", "/task/{id}/acl"})
  @Allow(role = Role.MANAGER, scope = Scope.TASK_WRITE)
  ResponseEntity<AclView> clear(
      @PathVariable String id,
      @RequestHeader(name = HttpHeaders.IF_MATCH, required = false) @Nullable String ifMatch,
      Caller.Member caller) {
    return change(caller, id, ifMatch, _ -> Acl.ADMINISTRATORS);
  }

  private ResponseEntity<AclView> change(
      Caller.Member caller, String id, @Nullable String ifMatch, UnaryOperator<Acl> change) {
    return shown(
        changes.change(caller, id, ifMatch, task -> task.shownTo(change.apply(task.acl()))));
  }

  private static ResponseEntity<AclView> shown(Task task) {
    return TaskChanges.tag(task).answer(new AclView(task.acl().entries()));
  }
}
