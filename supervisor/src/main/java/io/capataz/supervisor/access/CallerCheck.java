package io.capataz.supervisor.access;

import io.capataz.supervisor.web.RouteFilter;
import jakarta.servlet.http.HttpServletRequest;
import java.util.Optional;
import org.springframework.stereotype.Component;

/**
 * Asks again for the caller of a request that stays open: a token may be revoked, and a role be
 * taken away, while it does.
 */
@Component
public class CallerCheck {

  private final Callers callers;

  CallerCheck(Callers callers) {
    this.callers = callers;
  }

  /** A request that stays open. */
  @FunctionalInterface
  public interface Open {
    /** The caller as it is now; empty if it may not use the route any more. */
    Optional<Caller.Member> caller();
  }

  /** A request that the guard has let pass, on a route for members. */
  public Open of(HttpServletRequest request) {
    var allow = RouteFilter.routeOf(request).map(route -> route.getMethodAnnotation(Allow.class));
    return request.getAttribute(Callers.KEY) instanceof AccessKey key && allow.isPresent()
        ? () -> again(key, allow.get())
        : Optional::empty;
  }

  private Optional<Caller.Member> again(AccessKey key, Allow allow) {
    return callers
        .withKey(key)
        .filter(Caller.Member.class::isInstance)
        .map(Caller.Member.class::cast)
        .filter(member -> member.role().covers(allow.role()) && member.reaches(allow.scope()));
  }
}
