/** Approvals: who may decide about a job that waits for people, and their decisions. */
@ApplicationModule(allowedDependencies = {"access", "job", "task"})
@NullMarked
package io.capataz.supervisor.approval;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
