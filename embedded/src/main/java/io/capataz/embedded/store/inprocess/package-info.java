/**
 * The MongoDB driver's own client on a store in the same process: no connection, no bytes.
 *
 * <p>The driver keeps all that it does around a command: operations, cursors, sessions, retries,
 * errors, codecs. Only its lowest layer is replaced, {@code
 * com.mongodb.internal.connection.Connection}, which carries one command to a server and the answer
 * back. That layer is the driver's internal API, and this package is the only one that knows it;
 * {@code DriverVersionTest} says what to compare when the driver changes.
 */
@NullMarked
package io.capataz.embedded.store.inprocess;

import org.jspecify.annotations.NullMarked;
