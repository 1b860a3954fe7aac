/** What goes over the wire, byte for byte, compared with files under {@code resources/golden}. */
@NullMarked
package io.capataz.supervisor.golden;

import org.jspecify.annotations.NullMarked;
