package io.capataz.supervisor.access;

import jakarta.servlet.http.HttpServletRequest;
import java.util.Optional;

/**
 * What a route found out about its own act, for the audit log: what a new object is called, or who
 * logs in.
 *
 * @param organization whose log it belongs to
 * @param actor who did it, see {@link Caller#name()}
 * @param object what it was done to; never a secret
 */
public record AuditedAct(String organization, String actor, String object) {

  private static final String ATTRIBUTE = AuditedAct.class.getName();

  /** An act of a member of an organization. */
  public static AuditedAct of(Caller.Member member, String object) {
    return new AuditedAct(member.organization(), member.name(), object);
  }

  /** Tells the log; the last word counts. */
  public void tell(HttpServletRequest request) {
    request.setAttribute(ATTRIBUTE, this);
  }

  /** What was told. */
  public static Optional<AuditedAct> told(HttpServletRequest request) {
    return Optional.ofNullable(request.getAttribute(ATTRIBUTE)).map(AuditedAct.class::cast);
  }
}
