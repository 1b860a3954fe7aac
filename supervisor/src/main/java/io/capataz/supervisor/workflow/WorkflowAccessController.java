package io.capataz.supervisor.workflow;

import io.capataz.supervisor.access.Acl;
import io.capataz.supervisor.access.AclFields;
import io.capataz.supervisor.access.Allow;
import io.capataz.supervisor.access.Audited;
import io.capataz.supervisor.access.Caller;
import io.capataz.supervisor.access.Role;
import io.capataz.supervisor.access.Scope;
import io.capataz.supervisor.secretkey.CredentialsView;
import io.capataz.supervisor.secretkey.KeyRoutes;
import io.capataz.supervisor.web.ApiInput;
import java.util.List;
import java.util.Map;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PatchMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RestController;

/** Who may see a workflow, and the secret keys that start it; as for tasks. */
@RestController
class WorkflowAccessController {

  private final WorkflowChanges changes;
  private final KeyRoutes keys;

  WorkflowAccessController(WorkflowChanges changes, KeyRoutes keys) {
    this.changes = changes;
    this.keys = keys;
  }

  /** Who may see a workflow and its runs, besides administrators. */
  record WorkflowAclView(List<String> acl) {
    static WorkflowAclView of(Workflow workflow) {
      return new WorkflowAclView(workflow.acl().entries());
    }
  }

  /** {@code GET …/workflows/{id}/acl}: who may see it. */
  @GetMapping({"/{customer}/workflows/{id}/acl", "/workflows/{id}/acl"})
  @Allow(role = Role.MANAGER, scope = Scope.WORKFLOW_READ)
  WorkflowAclView acl(@PathVariable String id, Caller.Member caller) {
    return WorkflowAclView.of(changes.found(caller, id));
  }

  /**
   * {@code PUT …/workflows/{id}/acl} with {@code {users: […]}}: replaces the list of those who may
   * see it.
   */
  @PutMapping({"/{customer}/workflows/{id}/acl", "/workflows/{id}/acl"})
  @Allow(role = Role.MANAGER, scope = Scope.WORKFLOW_WRITE)
  WorkflowAclView replace(@PathVariable String id, ApiInput input, Caller.Member caller) {
    var acl = AclFields.replacement(input.object());
    return WorkflowAclView.of(changes.show(caller, id, _ -> acl));
  }

  /**
   * {@code PATCH …/workflows/{id}/acl} with {@code {users: […], action: "add" | "remove"}}: adds to
   * or removes from those who may see it.
   */
  @PatchMapping({"/{customer}/workflows/{id}/acl", "/workflows/{id}/acl"})
  @Allow(role = Role.MANAGER, scope = Scope.WORKFLOW_WRITE)
  WorkflowAclView patch(@PathVariable String id, ApiInput input, Caller.Member caller) {
    return WorkflowAclView.of(changes.show(caller, id, AclFields.change(input.object())));
  }

  /** {@code DELETE …/workflows/{id}/acl}: restricts the workflow to administrators. */
  @DeleteMapping({"/{customer}/workflows/{id}/acl", "/workflows/{id}/acl"})
  @Allow(role = Role.MANAGER, scope = Scope.WORKFLOW_WRITE)
  WorkflowAclView clear(@PathVariable String id, Caller.Member caller) {
    return WorkflowAclView.of(changes.show(caller, id, _ -> Acl.ADMINISTRATORS));
  }

  /**
   * {@code GET …/workflows/{id}/credentials}: the keys that start the workflow, the newest first,
   * and the newest one itself. A look at it is written into the audit log.
   */
  @Audited
  @GetMapping({"/{customer}/workflows/{id}/credentials", "/workflows/{id}/credentials"})
  @Allow(role = Role.ADMIN, scope = Scope.WORKFLOW_WRITE)
  CredentialsView credentials(@PathVariable String id, Caller.Member caller) {
    return keys.shown(changes.found(caller, id).keyTarget());
  }

  /**
   * {@code POST …/workflows/{id}/secret}: makes a new key, which the answer shows. The others end
   * after {@code overlap} seconds, 0 to 30 days; by default at once.
   */
  @PostMapping({"/{customer}/workflows/{id}/secret", "/workflows/{id}/secret"})
  @Allow(role = Role.ADMIN, scope = Scope.WORKFLOW_WRITE)
  CredentialsView rotate(@PathVariable String id, ApiInput input, Caller.Member caller) {
    return keys.rotated(changes.found(caller, id).keyTarget(), input.object());
  }

  /**
   * {@code DELETE …/workflows/{id}/secret/{keyId}}: ends the key of that id at once. 404 if there
   * is none.
   */
  @DeleteMapping({"/{customer}/workflows/{id}/secret/{keyId}", "/workflows/{id}/secret/{keyId}"})
  @Allow(role = Role.ADMIN, scope = Scope.WORKFLOW_WRITE)
  Map<String, String> revoke(
      @PathVariable String id, @PathVariable String keyId, Caller.Member caller) {
    keys.revoked(changes.found(caller, id).keyTarget(), keyId);
    return Map.of();
  }
}
