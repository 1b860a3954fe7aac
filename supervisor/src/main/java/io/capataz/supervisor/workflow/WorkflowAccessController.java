package io.capataz.supervisor.workflow;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.capataz.common.secret.Secret;
import io.capataz.supervisor.access.Acl;
import io.capataz.supervisor.access.AclFields;
import io.capataz.supervisor.access.Allow;
import io.capataz.supervisor.access.Audited;
import io.capataz.supervisor.access.Caller;
import io.capataz.supervisor.access.Role;
import io.capataz.supervisor.access.Scope;
import io.capataz.supervisor.secretkey.SecretKey;
import io.capataz.supervisor.secretkey.SecretKeys;
import io.capataz.supervisor.web.ApiInput;
import io.capataz.supervisor.web.ApiProblem;
import io.capataz.supervisor.web.FieldReader;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
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

  private static final long LONGEST_OVERLAP = 30L * 24 * 3600;

  private final WorkflowChanges changes;
  private final SecretKeys keys;

  WorkflowAccessController(WorkflowChanges changes, SecretKeys keys) {
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
    var fields = FieldReader.of(input.object()).ignoring("customer", "access_token");
    var users = users(fields);
    fields.done();
    return WorkflowAclView.of(changes.show(caller, id, _ -> new Acl(users)));
  }

  /**
   * {@code PATCH …/workflows/{id}/acl} with {@code {users: […], action: "add" | "remove"}}: adds to
   * or removes from those who may see it.
   */
  @PatchMapping({"/{customer}/workflows/{id}/acl", "/workflows/{id}/acl"})
  @Allow(role = Role.MANAGER, scope = Scope.WORKFLOW_WRITE)
  WorkflowAclView patch(@PathVariable String id, ApiInput input, Caller.Member caller) {
    var fields = FieldReader.of(input.object()).ignoring("customer", "access_token");
    var named = new Acl(users(fields)).entries();
    var action = fields.requiredText("action", 10);
    if (!action.isEmpty() && !List.of("add", "remove").contains(action)) {
      fields.wrong("action", "unknown_word", "must be add or remove.");
    }
    fields.done();
    return WorkflowAclView.of(
        changes.show(
            caller,
            id,
            acl -> {
              var entries = new LinkedHashSet<>(acl.entries());
              if (action.equals("add")) {
                entries.addAll(named);
              } else {
                named.forEach(entries::remove);
              }
              return new Acl(List.copyOf(entries));
            }));
  }

  /** {@code DELETE …/workflows/{id}/acl}: restricts the workflow to administrators. */
  @DeleteMapping({"/{customer}/workflows/{id}/acl", "/workflows/{id}/acl"})
  @Allow(role = Role.MANAGER, scope = Scope.WORKFLOW_WRITE)
  WorkflowAclView clear(@PathVariable String id, Caller.Member caller) {
    return WorkflowAclView.of(changes.show(caller, id, _ -> Acl.ADMINISTRATORS));
  }

  private static List<String> users(FieldReader fields) {
    if (!fields.has("users")) {
      fields.wrong("users", "required", "is required; an empty list means administrators only.");
    }
    return AclFields.entries(fields, "users").orElse(List.of());
  }

  /**
   * A key in a response.
   *
   * @param id names it, and is no secret
   * @param expires from then on it opens nothing; missing: it has no end
   * @param lastUse to the minute; missing: never used
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record WorkflowKeyView(
      String id, Instant creationDate, @Nullable Instant expires, @Nullable Instant lastUse) {
    static WorkflowKeyView of(SecretKey key) {
      return new WorkflowKeyView(key.id(), key.created(), key.expires(), key.lastUse());
    }
  }

  /**
   * The keys of a workflow.
   *
   * @param id the workflow's
   * @param secret the newest key; missing if it has none
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record WorkflowKeysView(String id, @Nullable String secret, List<WorkflowKeyView> secretKeys) {}

  /**
   * {@code GET …/workflows/{id}/credentials}: the keys that start the workflow, the newest first,
   * and the newest one itself. A look at it is written into the audit log.
   */
  @Audited
  @GetMapping({"/{customer}/workflows/{id}/credentials", "/workflows/{id}/credentials"})
  @Allow(role = Role.ADMIN, scope = Scope.WORKFLOW_WRITE)
  WorkflowKeysView credentials(@PathVariable String id, Caller.Member caller) {
    var workflow = changes.found(caller, id);
    return shown(workflow, keys.liveOf(workflow.keyTarget()).stream().findFirst().map(keys::text));
  }

  /**
   * {@code POST …/workflows/{id}/secret}: makes a new key, which the answer shows. The others end
   * after {@code overlap} seconds, 0 to 30 days; by default at once.
   */
  @PostMapping({"/{customer}/workflows/{id}/secret", "/workflows/{id}/secret"})
  @Allow(role = Role.ADMIN, scope = Scope.WORKFLOW_WRITE)
  WorkflowKeysView rotate(@PathVariable String id, ApiInput input, Caller.Member caller) {
    var fields = FieldReader.of(input.object()).ignoring("customer", "access_token");
    var overlap = fields.whole("overlap", 0, LONGEST_OVERLAP);
    fields.done();
    var workflow = changes.found(caller, id);
    var key = keys.rotate(workflow.keyTarget(), Duration.ofSeconds(overlap.orElse(0)));
    return shown(workflow, Optional.of(key));
  }

  /**
   * {@code DELETE …/workflows/{id}/secret/{keyId}}: ends the key of that id at once. 404 if there
   * is none.
   */
  @DeleteMapping({"/{customer}/workflows/{id}/secret/{keyId}", "/workflows/{id}/secret/{keyId}"})
  @Allow(role = Role.ADMIN, scope = Scope.WORKFLOW_WRITE)
  Map<String, String> revoke(
      @PathVariable String id, @PathVariable String keyId, Caller.Member caller) {
    if (!keys.revoke(changes.found(caller, id).keyTarget(), keyId)) {
      throw ApiProblem.notFound("A key of that id");
    }
    return Map.of();
  }

  private WorkflowKeysView shown(Workflow workflow, Optional<Secret> secret) {
    return new WorkflowKeysView(
        workflow.id(),
        secret.map(Secret::reveal).orElse(null),
        keys.liveOf(workflow.keyTarget()).stream().map(WorkflowKeyView::of).toList());
  }
}
