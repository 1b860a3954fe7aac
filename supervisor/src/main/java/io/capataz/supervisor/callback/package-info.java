/** Callbacks: the ends of jobs are told to whoever asked for it, by HTTP or by e-mail. */
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
