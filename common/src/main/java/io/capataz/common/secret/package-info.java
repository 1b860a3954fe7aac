/** Values that must never be told by accident. */
@NullMarked
package io.capataz.common.secret;

import org.jspecify.annotations.NullMarked;
