/** Violations of the rules, to see that they are found. */
@NullMarked
package io.capataz.embedded.planted;

import org.jspecify.annotations.NullMarked;
