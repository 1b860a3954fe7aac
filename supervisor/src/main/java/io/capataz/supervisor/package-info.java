/** The supervisor: takes orders over HTTP, keeps every job, announces it, hands it to agents. */
@NullMarked
package io.capataz.supervisor;

import org.jspecify.annotations.NullMarked;
