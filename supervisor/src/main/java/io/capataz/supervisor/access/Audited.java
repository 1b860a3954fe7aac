package io.capataz.supervisor.access;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * An act that is recorded in the audit log before it is performed. Changes that require the role
 * MANAGER or higher are recorded without this annotation; it is for other acts, such as a login or
 * viewing a key.
 */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.METHOD)
public @interface Audited {

  /** Only if this query parameter is {@code true}; empty: always. */
  String when() default "";
}
