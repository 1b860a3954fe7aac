/** Breaks rules on purpose. */
@NullMarked
package io.capataz.testing.planted;

import org.jspecify.annotations.NullMarked;
