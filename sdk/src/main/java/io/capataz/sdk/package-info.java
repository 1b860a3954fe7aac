/** Builds the wheels of the Python package. */
@NullMarked
package io.capataz.sdk;

import org.jspecify.annotations.NullMarked;
