/** Members of an organization, their roles, and how they log in. */
@ApplicationModule(allowedDependencies = {"access", "vault"})
@NullMarked
package io.capataz.supervisor.member;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
