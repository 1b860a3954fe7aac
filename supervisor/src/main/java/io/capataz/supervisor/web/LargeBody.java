package io.capataz.supervisor.web;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * A route whose body may contain a script or a file, and so may be as large as {@link
 * ApiInputFilter#MAX_BODY}. The bodies of other routes are limited to {@link
 * ApiInputFilter#USUAL_BODY}.
 */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.METHOD)
public @interface LargeBody {}
