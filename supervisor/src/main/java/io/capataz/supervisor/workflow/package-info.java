/** Graphs of tasks. So far they are kept, shown and exported; nothing walks through them yet. */
@ApplicationModule(allowedDependencies = {"access"})
@NullMarked
package io.capataz.supervisor.workflow;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
