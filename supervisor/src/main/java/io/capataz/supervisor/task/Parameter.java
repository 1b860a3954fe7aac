package io.capataz.supervisor.task;

import org.jspecify.annotations.Nullable;

/**
 * What a task declares that a job may be given; {@code task_arguments} of seed 004.
 *
 * @param kind whether the caller gives the value
 * @param order its place among the arguments, from 0
 * @param label what people call it
 * @param value the value of a {@link Kind#FIXED} one
 * @param required whether a caller must give a value that is not empty
 * @param masked whether its value is a secret; missing in tasks of before there was such
 */
record Parameter(
    Kind kind, int order, String label, @Nullable String value, boolean required, Boolean masked) {

  Parameter {
    masked = masked != null && masked;
  }

  /** Whether there is no job without a value for it. */
  boolean mustBeGiven() {
    return required && kind != Kind.FIXED;
  }

  /** Where the value comes from. */
  enum Kind {
    /** From the task, always the same. */
    FIXED,
    /** From whoever runs the task. */
    INPUT,
    /** The same, but a file: the script is given the path under which it is written on the host. */
    FILE
  }
}
