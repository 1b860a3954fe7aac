/**
 * Declared parameters, and the validation of arguments against them. Independent of tasks: anything
 * that declares parameters can use it.
 */
@ApplicationModule(allowedDependencies = {"script"})
@NullMarked
package io.capataz.supervisor.parameter;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
