package io.capataz.supervisor.task;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.capataz.common.secret.Secret;
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
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RestController;

/** The secret keys of tasks by HTTP; seed 004, "Usando la Secret Key de la tarea". */
@RestController
class SecretKeyController {

  private static final long LONGEST_OVERLAP = 30L * 24 * 3600;

  private final Tasks tasks;
  private final SecretKeys keys;

  SecretKeyController(Tasks tasks, SecretKeys keys) {
    this.tasks = tasks;
    this.keys = keys;
  }

  /**
   * A key in an answer, without what makes it one.
   *
   * @param id names it, and is no secret
   * @param expires from then on it opens nothing; missing: it has no end
   * @param lastUse to the minute; missing: never used
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record KeyView(
      String id, Instant creationDate, @Nullable Instant expires, @Nullable Instant lastUse) {
    static KeyView of(SecretKey key) {
      return new KeyView(key.id(), key.created(), key.expires(), key.lastUse());
    }
  }

  /**
   * The keys of a task.
   *
   * @param id the task's
   * @param secret the newest key; missing if the task has none
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record CredentialsView(String id, @Nullable String secret, List<KeyView> secretKeys) {}

  /**
   * {@code GET /{customer}/task/{id}/credentials} (seed 004) and {@code GET
   * /task/{id}/credentials}: the keys that open the task, the newest first, and the newest one
   * itself. A look at it is written into the audit log.
   */
  @Audited
  @GetMapping({"/{customer}/task/{id}/credentials", "/task/{id}/credentials"})
  @Allow(role = Role.ADMIN, scope = Scope.TASK_WRITE)
  CredentialsView credentials(@PathVariable String id, Caller.Member caller) {
    var task = visible(caller, id);
    return shown(task, keys.liveOf(task.keyTarget()).stream().findFirst().map(keys::text));
  }

  /**
   * {@code POST /{customer}/task/{id}/secret} and {@code POST /task/{id}/secret}: makes a new key,
   * which the answer shows. The others end after {@code overlap} seconds, 0 to 30 days; by default
   * at once.
   */
  @PostMapping({"/{customer}/task/{id}/secret", "/task/{id}/secret"})
  @Allow(role = Role.ADMIN, scope = Scope.TASK_WRITE)
  CredentialsView rotate(@PathVariable String id, ApiInput input, Caller.Member caller) {
    var fields = FieldReader.of(input.object()).ignoring("customer", "access_token");
    var overlap = fields.whole("overlap", 0, LONGEST_OVERLAP);
    fields.done();
    var task = visible(caller, id);
    var key = keys.rotate(task.keyTarget(), Duration.ofSeconds(overlap.orElse(0)));
    return shown(task, Optional.of(key));
  }

  /** {@code DELETE …/secret/{keyId}}: ends the key of that id at once. 404 if there is none. */
  @DeleteMapping({"/{customer}/task/{id}/secret/{keyId}", "/task/{id}/secret/{keyId}"})
  @Allow(role = Role.ADMIN, scope = Scope.TASK_WRITE)
  Map<String, String> revoke(
      @PathVariable String id, @PathVariable String keyId, Caller.Member caller) {
    if (!keys.revoke(visible(caller, id).keyTarget(), keyId)) {
      throw ApiProblem.notFound("A key of that id");
    }
    return Map.of();
  }

  private CredentialsView shown(Task task, Optional<Secret> secret) {
    return new CredentialsView(
        task.id(),
        secret.map(Secret::reveal).orElse(null),
        keys.liveOf(task.keyTarget()).stream().map(KeyView::of).toList());
  }

  private Task visible(Caller.Member caller, String id) {
    return tasks.visible(caller, id).orElseThrow(TaskChanges::noSuchTask);
  }
}
