/** Breaks rules on purpose. */
@NullMarked
package io.capataz.testing.planted.two;

import org.jspecify.annotations.NullMarked;
