/** Runs of workflows: what was asked, and how each end of a job leads to the next ones. */
@ApplicationModule(
    allowedDependencies = {
      "access",
      "job",
      "parameter",
      "result",
      "run",
      "task",
      "vault",
      "workflow"
    })
@NullMarked
package io.capataz.supervisor.workflowrun;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
