/**
 * Live events: what happens to jobs, sent to clients as it happens, whichever supervisor it was
 * reported to.
 */
@ApplicationModule(allowedDependencies = {"access", "dispatch", "job", "progress"})
@NullMarked
package io.capataz.supervisor.event;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
