package io.capataz.supervisor.web;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * A route that other systems call with bodies of their own: one that is neither JSON nor a form is
 * a string in the {@link ApiInput}, and the bytes are kept as they were sent, for signatures.
 */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.METHOD)
public @interface AnyBody {

  /** The maximum size of a body, in bytes. */
  int most();
}
