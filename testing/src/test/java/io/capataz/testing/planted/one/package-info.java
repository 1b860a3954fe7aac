/** Breaks rules on purpose. */
@NullMarked
package io.capataz.testing.planted.one;

import org.jspecify.annotations.NullMarked;
