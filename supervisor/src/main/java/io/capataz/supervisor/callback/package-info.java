/** Callbacks: the end of a job is sent to the URL or the e-mail address that was asked for. */
@ApplicationModule(
    allowedDependencies = {
      "access",
      "job",
      "member",
      "notification",
      "outbound",
      "parameter",
      "run",
      "task",
      "vault"
    })
@NullMarked
package io.capataz.supervisor.callback;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
