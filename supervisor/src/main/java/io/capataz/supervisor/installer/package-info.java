/**
 * Installs agents from the supervisor itself: a shell script, and the files of the agent with their
 * digests.
 */
@ApplicationModule(allowedDependencies = {"access"})
@NullMarked
package io.capataz.supervisor.installer;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
