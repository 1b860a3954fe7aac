/**
 * {@code ./capataz demo}: the whole line, from an order over HTTP to the result of a script, told
 * on the terminal while it happens. It knows the supervisor from outside only.
 */
@ApplicationModule(allowedDependencies = {})
@NullMarked
package io.capataz.supervisor.demo;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
