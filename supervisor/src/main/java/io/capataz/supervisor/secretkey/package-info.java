/** Secret keys: each starts one target, a task for example, and allows nothing else. */
@ApplicationModule(allowedDependencies = {"access", "vault"})
@NullMarked
package io.capataz.supervisor.secretkey;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
