/** Breaks rules on purpose; see ArchitectureTest. */
@NullMarked
package io.capataz.supervisor.planted;

import org.jspecify.annotations.NullMarked;
