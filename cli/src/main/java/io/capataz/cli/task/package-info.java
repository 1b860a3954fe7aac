/** Commands for tasks, and the arguments of a run. */
@NullMarked
package io.capataz.cli.task;

import org.jspecify.annotations.NullMarked;
