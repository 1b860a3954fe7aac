package io.capataz.supervisor.audit;

import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.data.annotation.Id;
import org.springframework.data.mongodb.core.mapping.Document;

/**
 * One recorded act. It contains no body, query or key.
 *
 * @param organization the organization; empty if unknown, as in a login with an unknown address
 * @param actor the actor, such as {@code user:…} or {@code token:…}
 * @param action the method and the route, such as {@code DELETE /{customer}/task/{id}}
 * @param object the object of the act: an id, or empty
 * @param path the values of the route's variables, without keys
 * @param address the client's address
 * @param request the request's id, as in the response's {@code X-Request-Id}
 * @param at when it began
 * @param ended when it ended; null: it did not, or the end could not be recorded
 * @param status the HTTP status
 */
@Document("audit")
record AuditEntry(
    @Id String id,
    String organization,
    String actor,
    String action,
    String object,
    Map<String, String> path,
    String address,
    String request,
    Instant at,
    @Nullable Instant ended,
    @Nullable Integer status) {
  AuditEntry {
    path = path == null ? Map.of() : Map.copyOf(path);
  }

  AuditEntry about(String object) {
    return new AuditEntry(
        id, organization, actor, action, object, path, address, request, at, ended, status);
  }

  AuditEntry endedAt(Instant when, int with) {
    return new AuditEntry(
        id, organization, actor, action, object, path, address, request, at, when, with);
  }
}
