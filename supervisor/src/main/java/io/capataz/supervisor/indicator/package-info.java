/** Indicators: named values that scripts report and people watch. */
@ApplicationModule(allowedDependencies = {"access", "job", "trigger"})
@NullMarked
package io.capataz.supervisor.indicator;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
