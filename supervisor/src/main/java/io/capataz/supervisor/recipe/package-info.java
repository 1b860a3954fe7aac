/** Recipes: tasks and workflows as files that travel, without ids and without secrets. */
@ApplicationModule(allowedDependencies = {"access", "host", "script", "task", "workflow"})
@NullMarked
package io.capataz.supervisor.recipe;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
