/** Definitions of what can be run: script, host, parameters, environment, limits, secret key. */
@NullMarked
package io.capataz.supervisor.task;

import org.jspecify.annotations.NullMarked;
