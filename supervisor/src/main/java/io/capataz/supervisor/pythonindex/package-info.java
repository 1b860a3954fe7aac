/**
 * A package index of the Python package {@code capataz}, for hosts that reach only a supervisor.
 */
@ApplicationModule(allowedDependencies = "access")
@NullMarked
package io.capataz.supervisor.pythonindex;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
