/** The tenant that owns everything else; customer on the wire. */
@NullMarked
package io.capataz.supervisor.organization;

import org.jspecify.annotations.NullMarked;
