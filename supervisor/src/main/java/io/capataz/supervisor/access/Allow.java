package io.capataz.supervisor.access;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Who may use a route. A route without it is closed, see {@link RouteGuard}; a test lists all
 * routes and fails if one has none.
 */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.METHOD)
public @interface Allow {

  /** The kinds of callers. */
  enum Who {
    /** Everybody; the route itself checks any credentials. */
    ANYONE,
    /** People and programs of the organization with at least the {@link #role}. */
    MEMBERS,
    /** Agents. */
    AGENTS
  }

  Who value() default Who.MEMBERS;

  /** The minimum role, for {@link Who#MEMBERS}. */
  Role role() default Role.OWNER;

  /**
   * The scope that a token with scopes needs, for {@link Who#MEMBERS}. Without one, the route is
   * closed to such tokens: it grants access.
   */
  Scope[] scope() default {};

  /**
   * Another query parameter in which a token is accepted, also after the word {@code JWT}: that is
   * how the clients of seed 000's system send it. Empty: none.
   */
  String tokenIn() default "";

  /**
   * Whether a token may also be the user of Basic authentication, with an empty password, and have
   * {@code live_} or {@code test_} before it: that is how the clients of seed 001's system send it.
   */
  boolean basic() default false;

  /** Whether a running job may use the route with its token: it starts tasks, or waits for them. */
  boolean jobs() default false;

  /**
   * Whether {@link RateLimits} counts its requests. Requests of agents and probes are not counted:
   * throttling them would stop accepted work.
   */
  boolean counted() default true;
}
