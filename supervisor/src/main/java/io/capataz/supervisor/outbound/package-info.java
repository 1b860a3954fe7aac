/** Calls to other systems: which addresses may be called, and HTTP within bounds. */
@ApplicationModule(allowedDependencies = {})
@NullMarked
package io.capataz.supervisor.outbound;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
