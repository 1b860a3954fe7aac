package io.capataz.supervisor.audit;

import io.capataz.supervisor.access.AuditedAct;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.data.annotation.Id;
import org.springframework.data.annotation.PersistenceCreator;
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
 * @param chained how it is protected; null: it was recorded by a version without a chain
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
    @Nullable Integer status,
    @Nullable Chained chained) {

  /**
   * How an act is protected against changes.
   *
   * @param stage whether it is still to be added to the chain; null: it is in it
   * @param proof that a supervisor wrote the act's content
   * @param link its place in the chain; null: it has none yet
   */
  record Chained(@Nullable Stage stage, String proof, @Nullable Link link) {}

  /** Whether an act's record may still change. */
  enum Stage {
    /** The act has not ended. */
    OPEN,
    /** Nothing changes any more. */
    CLOSED
  }

  /**
   * An act's place in the chain of its organization.
   *
   * @param number of the act, from 1
   * @param previous the hash of the act before it; empty for the first one
   * @param hash of this act and, through the previous one, of all before it
   */
  record Link(long number, String previous, String hash) {}

  @PersistenceCreator
  AuditEntry {
    path = path == null ? Map.of() : Map.copyOf(path);
  }

  /** A new act that has not ended. */
  AuditEntry(
      String id,
      String organization,
      String actor,
      String action,
      String object,
      Map<String, String> path,
      String address,
      String request,
      Instant at) {
    this(id, organization, actor, action, object, path, address, request, at, null, null, null);
  }

  @Nullable Stage stage() {
    return chained == null ? null : chained.stage();
  }

  @Nullable Link link() {
    return chained == null ? null : chained.link();
  }

  boolean hasProof(String proof) {
    return chained != null && chained.proof().equals(proof);
  }

  AuditEntry about(String object) {
    return with(organization, actor, object, ended, status, chained);
  }

  AuditEntry endedAt(Instant when, int with) {
    return with(organization, actor, object, when, with, chained);
  }

  /** With what the route told about its own act. */
  AuditEntry told(AuditedAct act) {
    return with(act.organization(), act.actor(), act.object(), ended, status, chained);
  }

  /** As it is stored: with a proof of its content, and the stage that follows from its end. */
  AuditEntry proved(AuditProofs proofs) {
    var stage = ended == null ? Stage.OPEN : Stage.CLOSED;
    return with(
        organization, actor, object, ended, status, new Chained(stage, proofs.of(this), null));
  }

  private AuditEntry with(
      String organization,
      String actor,
      String object,
      @Nullable Instant ended,
      @Nullable Integer status,
      @Nullable Chained chained) {
    return new AuditEntry(
        id,
        organization,
        actor,
        action,
        object,
        path,
        address,
        request,
        at,
        ended,
        status,
        chained);
  }
}
