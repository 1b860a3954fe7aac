package io.capataz.supervisor.web;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * What a route reads from the query and the body. {@link AcceptedInput} refuses everything else: a
 * parameter with a typing mistake would otherwise be passed over, and the request would do
 * something that nobody asked for.
 */
@Retention(RetentionPolicy.RUNTIME)
@Target({ElementType.METHOD, ElementType.ANNOTATION_TYPE})
public @interface Accepts {

  /**
   * The query parameters, besides {@code customer}, {@code access_token} and {@code fields}, which
   * need no mention. {@code name[]} is the same as {@code name}.
   */
  String[] query() default {};

  /** Whether the route checks its query itself, as lists do. */
  boolean checksQuery() default false;

  /** What is in the body. */
  Body body() default Body.BY_METHOD;

  /** The kinds of bodies. */
  enum Body {
    /** A route that takes an {@link ApiInput} reads it, unless its method is GET or DELETE. */
    BY_METHOD,
    /** Nothing is read from it. */
    NONE,
    /**
     * The representation of an object, whatever the method. Its {@code customer} is a field of that
     * object and does not address the request.
     */
    DOCUMENT,
    /**
     * As {@link #BY_METHOD}; what cannot be read is refused by the route, which has a form of its
     * own for that. See {@link ApiInput#unreadable}.
     */
    REFUSED_BY_ROUTE
  }
}
