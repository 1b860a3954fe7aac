/** Seals what must not be read where it is kept; the key is never in the store. */
@ApplicationModule(allowedDependencies = {})
@NullMarked
package io.capataz.supervisor.vault;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
