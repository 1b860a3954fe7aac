/** From READY to an agent and back: announcements, claims and reports. */
@ApplicationModule(
    allowedDependencies = {
      "access",
      "credential",
      "host",
      "job",
      "jobtoken",
      "output",
      "queue",
      "script",
      "task",
      "vault"
    })
@NullMarked
package io.capataz.supervisor.dispatch;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
