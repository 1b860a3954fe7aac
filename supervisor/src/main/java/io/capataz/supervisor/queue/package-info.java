/** Order and concurrency: which jobs wait where, who comes first, and how many may run at once. */
@ApplicationModule(allowedDependencies = {"access", "credential", "host", "job", "task"})
@NullMarked
package io.capataz.supervisor.queue;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
