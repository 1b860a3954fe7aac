/** Stored secrets that tasks give to their scripts; encrypted and never shown again. */
@ApplicationModule(allowedDependencies = {"access", "vault"})
@NullMarked
package io.capataz.supervisor.credential;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
