/** Figures over an organization's jobs: how many ended how, how long they waited and ran. */
@ApplicationModule(allowedDependencies = {"access", "job"})
@NullMarked
package io.capataz.supervisor.statistics;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
