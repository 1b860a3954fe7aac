/**
 * {@code ./capataz standalone}: one command and nothing to install. A supervisor, with the store
 * and the broker of the module embedded in the same process, and one agent beside it.
 *
 * <p>The supervisor does not know it: it gets two addresses as settings, like any others.
 */
@NullMarked
package io.capataz.standalone;

import org.jspecify.annotations.NullMarked;
