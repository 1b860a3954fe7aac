/** Encrypts stored secrets; the key is never in the store. */
@ApplicationModule(allowedDependencies = {})
@NullMarked
package io.capataz.supervisor.vault;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
