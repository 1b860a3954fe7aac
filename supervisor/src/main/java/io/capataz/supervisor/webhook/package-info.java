/** Incoming webhooks: other systems call them, and they start tasks and workflows. */
@ApplicationModule(allowedDependencies = {"access", "job", "secretkey", "trigger", "vault"})
@NullMarked
package io.capataz.supervisor.webhook;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
