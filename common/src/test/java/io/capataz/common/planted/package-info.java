/** Breaks rules on purpose. */
@NullMarked
package io.capataz.common.planted;

import org.jspecify.annotations.NullMarked;
