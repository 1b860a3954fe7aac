package io.capataz.supervisor.access;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Who may use a route. A route without it is closed to everybody, see {@link RouteGuard}; a test
 * lists all routes and fails for one that has none.
 */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.METHOD)
public @interface Allow {

  /** The kinds of callers there are. */
  enum Who {
    /** Everybody; the route itself checks what it is shown, if anything. */
    ANYONE,
    /** People and programs of the organization, with at least the {@link #role}. */
    MEMBERS,
    /** Agents. */
    AGENTS
  }

  Who value() default Who.MEMBERS;

  /** The least role, for {@link Who#MEMBERS}. */
  Role role() default Role.OWNER;

  /**
   * The scope a narrowed token needs for it, for {@link Who#MEMBERS}. With none, the route is
   * closed to narrowed tokens: it hands out access.
   */
  Scope[] scope() default {};

  /**
   * Whether {@link RateLimits} count what is asked of it. What agents and probes ask is not
   * counted: to slow them down would stop work that was already taken.
   */
  boolean counted() default true;
}
