/** Workflows: graphs of tasks, as they are defined. Their runs are in {@code workflowrun}. */
@ApplicationModule(allowedDependencies = {"access", "parameter", "secretkey", "task"})
@NullMarked
package io.capataz.supervisor.workflow;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
