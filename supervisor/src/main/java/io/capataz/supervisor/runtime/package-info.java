/** Beans without a domain: the clock, threads, the store's client. Knows no feature. */
@NullMarked
package io.capataz.supervisor.runtime;

import org.jspecify.annotations.NullMarked;
