/** Tokens of running jobs: computed, never stored, and valid as long as the attempt runs. */
@ApplicationModule(allowedDependencies = {"access", "job", "task", "vault"})
@NullMarked
package io.capataz.supervisor.jobtoken;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
