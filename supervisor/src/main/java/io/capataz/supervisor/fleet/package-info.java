/**
 * Fleet runs: one run of a task over many hosts, in waves, with a limit at once and a budget of
 * failures.
 */
@ApplicationModule(
    allowedDependencies = {"access", "host", "job", "parameter", "run", "task", "vault"})
@NullMarked
package io.capataz.supervisor.fleet;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
