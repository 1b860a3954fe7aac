/** Infrastructure beans: the clock, threads, the store client. Depends on no feature. */
@NullMarked
package io.capataz.supervisor.runtime;

import org.jspecify.annotations.NullMarked;
