/** One request to run a task: its states, its moves, its output, its result. */
@ApplicationModule(
    allowedDependencies = {"access", "credential", "host", "parameter", "script", "task", "vault"})
@NullMarked
package io.capataz.supervisor.job;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
