/** The audit log: who did what, when and from where, recorded before it is done. */
@ApplicationModule(allowedDependencies = {"access"})
@NullMarked
package io.capataz.supervisor.audit;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
