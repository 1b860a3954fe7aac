/**
 * The audit log: who did what, when and from where, recorded before it is done, and joined to a
 * chain that shows whether anything was changed or removed.
 */
@ApplicationModule(allowedDependencies = {"access", "vault"})
@NullMarked
package io.capataz.supervisor.audit;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
