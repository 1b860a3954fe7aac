/**
 * Workflows: graphs of tasks. They can be stored, viewed and exported, but are not executed yet.
 */
@ApplicationModule(allowedDependencies = {"access"})
@NullMarked
package io.capataz.supervisor.workflow;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
