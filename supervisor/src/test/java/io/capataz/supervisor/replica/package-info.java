/** A replica set without MongoDB: what clients see of elections, over the embedded store. */
@NullMarked
package io.capataz.supervisor.replica;

import org.jspecify.annotations.NullMarked;
