/** When ended jobs and earlier versions of tasks are removed. */
@ApplicationModule(allowedDependencies = {"job", "run", "task"})
@NullMarked
package io.capataz.supervisor.retention;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
