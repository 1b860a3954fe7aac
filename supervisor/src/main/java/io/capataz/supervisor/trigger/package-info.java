/**
 * Events, and what they start: the ends of jobs and of workflow runs emit them, and tasks and
 * workflows name in {@code triggers} those that start them.
 */
@ApplicationModule(
    allowedDependencies = {
      "access",
      "audit",
      "host",
      "job",
      "parameter",
      "run",
      "task",
      "workflow",
      "workflowrun"
    })
@NullMarked
package io.capataz.supervisor.trigger;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
