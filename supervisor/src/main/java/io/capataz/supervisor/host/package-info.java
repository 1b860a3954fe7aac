/** Machines and the agents on them: enrolment, sessions, last contact. */
@ApplicationModule(allowedDependencies = {"access"})
@NullMarked
package io.capataz.supervisor.host;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
