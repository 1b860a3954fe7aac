/** Task definitions: script, host, parameters, environment, limits, secret key. */
@ApplicationModule(
    allowedDependencies = {
      "access",
      "credential",
      "host",
      "parameter",
      "quota",
      "script",
      "secretkey",
      "vault"
    })
@NullMarked
package io.capataz.supervisor.task;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
