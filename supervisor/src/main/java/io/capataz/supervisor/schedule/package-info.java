/** Schedules: tasks and workflows that start at certain times. */
@ApplicationModule(allowedDependencies = {"access", "job", "parameter", "run", "vault"})
@NullMarked
package io.capataz.supervisor.schedule;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
