/**
 * The embedded store of {@code standalone}: MongoDB's wire protocol, read by a library, over
 * documents and ordered indexes that are kept in one SQLite file with a write-ahead log.
 *
 * <p>{@link io.capataz.embedded.store.EmbeddedStore} is the only door. A command comes in through
 * {@code WireServer}, is checked by {@code Refusals}, and runs in {@code StoreDatabase} and {@code
 * StoreCollection}: a {@code Planner} chooses the index, a {@code Scan} walks it, and the library's
 * matcher filters what is left. {@code Engine} owns the file, the single writer and the commit that
 * many writers share.
 */
@NullMarked
package io.capataz.embedded.store;

import org.jspecify.annotations.NullMarked;
