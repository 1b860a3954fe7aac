/** What scripts print: stored in chunks, read in pieces, followed live. */
@ApplicationModule(allowedDependencies = {"access", "credential", "job"})
@NullMarked
package io.capataz.supervisor.output;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
