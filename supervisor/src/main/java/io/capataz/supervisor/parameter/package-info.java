/**
 * What a run can be given: declared parameters, and arguments checked against them. Knows no task:
 * whatever declares parameters uses it.
 */
@ApplicationModule(allowedDependencies = {"script"})
@NullMarked
package io.capataz.supervisor.parameter;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
