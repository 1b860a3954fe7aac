/** Scripts that come by themselves, because they are too long for a work order. */
@NullMarked
package io.capataz.agent.script;

import org.jspecify.annotations.NullMarked;
