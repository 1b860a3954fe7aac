/**
 * What supervisors do themselves: they claim HTTP calls and notifications as agents claim scripts.
 */
@ApplicationModule(
    allowedDependencies = {
      "access",
      "job",
      "notification",
      "outbound",
      "parameter",
      "queue",
      "task",
      "vault"
    })
@NullMarked
package io.capataz.supervisor.performer;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
