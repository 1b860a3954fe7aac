/** Waiting for the result of a job, and showing it as the script returned it. */
@ApplicationModule(allowedDependencies = {"access", "job", "output"})
@NullMarked
package io.capataz.supervisor.result;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
