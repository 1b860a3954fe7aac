package io.capataz.supervisor.audit;

import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.data.annotation.Id;
import org.springframework.data.mongodb.core.mapping.Document;

/**
 * One act, as it is written down. It holds no body, no query and no key.
 *
 * @param organization whose act; empty while nobody knows, as in a login of somebody unknown
 * @param actor who, as {@code user:…} or {@code token:…}
 * @param action the method and the route, as {@code DELETE /{customer}/task/{id}}
 * @param object what it was done to: an id, or empty
 * @param path what stood in the route's variables, without keys
 * @param address from where
 * @param request the request's id, which the answer told in {@code X-Request-Id}
 * @param at when it was begun
 * @param ended when it was over; null: it never was, or this could not be written down
 * @param status with which status
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

  AuditEntry ended(Instant when, int with) {
    return new AuditEntry(
        id, organization, actor, action, object, path, address, request, at, when, with);
  }
}
