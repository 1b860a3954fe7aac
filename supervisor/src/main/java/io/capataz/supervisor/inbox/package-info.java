/** What waits for a person: approvals, inputs and notifications. */
@ApplicationModule(allowedDependencies = {"access", "job", "notification", "task"})
@NullMarked
package io.capataz.supervisor.inbox;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
