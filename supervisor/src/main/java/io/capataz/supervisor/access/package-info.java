/** Authentication and authorization: keys and tokens, roles, the guard in front of every route. */
@ApplicationModule(allowedDependencies = {"organization"})
@NullMarked
package io.capataz.supervisor.access;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
