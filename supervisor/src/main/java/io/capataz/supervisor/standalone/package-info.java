/**
 * One command and nothing to install: a Kafka broker and a MongoDB-wire store inside the
 * supervisor, and one agent beside it.
 *
 * <p>No other package may import a Kafka server, the store, or this package: to the rest of the
 * supervisor the embedded ones are two addresses like any others.
 */
@ApplicationModule(allowedDependencies = {"host", "vault"})
@NullMarked
package io.capataz.supervisor.standalone;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
