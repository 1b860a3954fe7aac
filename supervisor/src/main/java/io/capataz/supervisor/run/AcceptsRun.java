package io.capataz.supervisor.run;

import io.capataz.supervisor.web.Accepts;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * What every run route reads from the query: the arguments, the task if it is not in the path, and
 * whether and how the result is awaited.
 */
@Accepts(
    query = {
      "task_arguments",
      "task",
      "wait_result",
      "result",
      "full",
      "output",
      "parse",
      "timeout",
      "counter",
      "limit"
    })
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.METHOD)
public @interface AcceptsRun {}
