/** Redacts secrets in the output of scripts, before it leaves the host. */
@NullMarked
package io.capataz.agent.redact;

import org.jspecify.annotations.NullMarked;
