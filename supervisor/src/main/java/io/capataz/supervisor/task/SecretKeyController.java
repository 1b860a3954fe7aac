package io.capataz.supervisor.task;

import io.capataz.supervisor.access.Allow;
import io.capataz.supervisor.access.Audited;
import io.capataz.supervisor.access.Caller;
import io.capataz.supervisor.access.Role;
import io.capataz.supervisor.access.Scope;
import io.capataz.supervisor.secretkey.CredentialsView;
import io.capataz.supervisor.secretkey.KeyRoutes;
import io.capataz.supervisor.web.ApiInput;
import java.util.Map;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RestController;

/** The secret keys of tasks by HTTP; seed 004, "Usando la Secret Key de la tarea". */
@RestController
class SecretKeyController {

  private final Tasks tasks;
  private final KeyRoutes keys;

  SecretKeyController(Tasks tasks, KeyRoutes keys) {
    this.tasks = tasks;
    this.keys = keys;
  }

  /**
   * {@code GET /{customer}/task/{id}/credentials} (seed 004) and {@code GET
   * /task/{id}/credentials}: the keys that open the task, the newest first, and the newest one
   * itself. A look at it is written into the audit log.
   */
  @Audited
  @GetMapping({"/{customer}/task/{id}/credentials", "/task/{id}/credentials"})
  @Allow(role = Role.ADMIN, scope = Scope.TASK_WRITE)
  CredentialsView credentials(@PathVariable String id, Caller.Member caller) {
    return keys.shown(visible(caller, id).keyTarget());
  }

  /**
   * {@code POST /{customer}/task/{id}/secret} and {@code POST /task/{id}/secret}: makes a new key,
   * which the answer shows. The others end after {@code overlap} seconds, 0 to 30 days; by default
   * at once.
   */
  @PostMapping({"/{customer}/task/{id}/secret", "/task/{id}/secret"})
  @Allow(role = Role.ADMIN, scope = Scope.TASK_WRITE)
  CredentialsView rotate(@PathVariable String id, ApiInput input, Caller.Member caller) {
    return keys.rotated(visible(caller, id).keyTarget(), input.object());
  }

  /** {@code DELETE …/secret/{keyId}}: ends the key of that id at once. 404 if there is none. */
  @DeleteMapping({"/{customer}/task/{id}/secret/{keyId}", "/task/{id}/secret/{keyId}"})
  @Allow(role = Role.ADMIN, scope = Scope.TASK_WRITE)
  Map<String, String> revoke(
      @PathVariable String id, @PathVariable String keyId, Caller.Member caller) {
    keys.revoked(visible(caller, id).keyTarget(), keyId);
    return Map.of();
  }

  private Task visible(Caller.Member caller, String id) {
    return tasks.visible(caller, id).orElseThrow(TaskChanges::noSuchTask);
  }
}
