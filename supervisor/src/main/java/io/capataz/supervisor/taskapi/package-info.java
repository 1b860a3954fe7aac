/**
 * The task API of seed 001's family of systems, for its clients: tasks by name, created and
 * reported on.
 */
@ApplicationModule(allowedDependencies = {"access", "callback", "job", "parameter", "run", "task"})
@NullMarked
package io.capataz.supervisor.taskapi;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
