/** One request to run a task: its states, its moves, its output, its result. */
@NullMarked
package io.capataz.supervisor.job;

import org.jspecify.annotations.NullMarked;
