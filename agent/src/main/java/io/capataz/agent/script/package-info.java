/** Scripts, and the cache of those that are too large for a work order. */
@NullMarked
package io.capataz.agent.script;

import org.jspecify.annotations.NullMarked;
