/** Whether this supervisor is alive and ready, for whoever starts and watches it. */
@ApplicationModule(allowedDependencies = {"access"})
@NullMarked
package io.capataz.supervisor.health;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
