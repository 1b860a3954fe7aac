/** Redaction of secrets in what a script prints, before the bytes leave the host. */
@NullMarked
package io.capataz.agent.redact;

import org.jspecify.annotations.NullMarked;
