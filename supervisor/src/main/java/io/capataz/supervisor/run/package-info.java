/** How jobs come to be: the routes that run tasks, and Submissions for whatever else starts one. */
@ApplicationModule(
    allowedDependencies = {
      "access",
      "job",
      "parameter",
      "queue",
      "quota",
      "result",
      "script",
      "task",
      "vault"
    })
@NullMarked
package io.capataz.supervisor.run;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
