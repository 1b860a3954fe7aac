/** Login through an organization's OpenID Connect provider. */
@ApplicationModule(allowedDependencies = {"access", "member", "vault"})
@NullMarked
package io.capataz.supervisor.oidc;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
