/** Liveness and readiness probes of this supervisor. */
@ApplicationModule(allowedDependencies = {"access"})
@NullMarked
package io.capataz.supervisor.health;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
