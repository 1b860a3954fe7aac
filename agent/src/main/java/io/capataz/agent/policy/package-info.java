/** The host policy: what the owners of this host allow the supervisor to run on it. */
@NullMarked
package io.capataz.agent.policy;

import org.jspecify.annotations.NullMarked;
