/** The tenant that owns everything else; customer on the wire. */
@ApplicationModule(allowedDependencies = {})
@NullMarked
package io.capataz.supervisor.organization;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
