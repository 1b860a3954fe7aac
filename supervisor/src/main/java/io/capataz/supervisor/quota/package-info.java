/** How much an organization may have: jobs, bytes, versions of tasks. */
@ApplicationModule(allowedDependencies = {})
@NullMarked
package io.capataz.supervisor.quota;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
