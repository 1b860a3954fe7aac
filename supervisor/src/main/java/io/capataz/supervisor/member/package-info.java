/** People: who is in an organization, in which role, and how they log in. */
@ApplicationModule(allowedDependencies = {"access", "vault"})
@NullMarked
package io.capataz.supervisor.member;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
