/**
 * Clients that start API tasks by name and follow them, with a token of their own or, where an
 * operator has opened a library, without one. Routes, bodies and messages are those of seed 002's
 * system.
 */
@ApplicationModule(allowedDependencies = {"access", "job", "library", "progress"})
@NullMarked
package io.capataz.supervisor.client;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
