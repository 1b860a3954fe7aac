/** Jobs: requests to run a task, with their states, moves, output and results. */
@ApplicationModule(
    allowedDependencies = {"access", "credential", "host", "parameter", "script", "task", "vault"})
@NullMarked
package io.capataz.supervisor.job;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
