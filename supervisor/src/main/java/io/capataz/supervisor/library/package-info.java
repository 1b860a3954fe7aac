/** Libraries: Python functions that were registered as API tasks, with versions and levels. */
@ApplicationModule(
    allowedDependencies = {"access", "host", "job", "output", "parameter", "run", "script", "task"})
@NullMarked
package io.capataz.supervisor.library;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
