/** Recipes: portable descriptions of tasks and workflows, without ids and secrets. */
@ApplicationModule(allowedDependencies = {"access", "host", "script", "task", "workflow"})
@NullMarked
package io.capataz.supervisor.recipe;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
