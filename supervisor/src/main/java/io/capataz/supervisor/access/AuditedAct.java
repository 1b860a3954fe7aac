package io.capataz.supervisor.access;

import jakarta.servlet.http.HttpServletRequest;
import java.util.Optional;

/**
 * What a route adds to the record of its own act: the id of a new object, or who logs in. On a
 * route whose acts are not recorded, it has this one recorded.
 *
 * @param organization the organization whose log it belongs to
 * @param actor who did it, see {@link Caller#name()}
 * @param object the object of the act; never a secret
 */
public record AuditedAct(String organization, String actor, String object) {

  private static final String ATTRIBUTE = AuditedAct.class.getName();

  /** An act of a member of an organization. */
  public static AuditedAct of(Caller.Member member, String object) {
    return new AuditedAct(member.organization(), member.name(), object);
  }

  /** Adds to the record; the last call wins. */
  public void attachTo(HttpServletRequest request) {
    request.setAttribute(ATTRIBUTE, this);
  }

  /** The addition. */
  public static Optional<AuditedAct> attachedTo(HttpServletRequest request) {
    return Optional.ofNullable(request.getAttribute(ATTRIBUTE)).map(AuditedAct.class::cast);
  }
}
