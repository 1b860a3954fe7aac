/** How far the scripts of jobs say they have come: kept per attempt, told live. */
@ApplicationModule(allowedDependencies = {"access", "job"})
@NullMarked
package io.capataz.supervisor.progress;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
