package io.capataz.supervisor.access;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * An act that is written into the audit log before it is done. Routes that change something and
 * take the role MANAGER or more are written down without it; this is for the others, such as a
 * login, or a look at a key.
 */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.METHOD)
public @interface Audited {

  /** Only where this query parameter is {@code true}; empty: always. */
  String when() default "";
}
