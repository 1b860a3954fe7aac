/** Environment variables of scripts. */
@NullMarked
package io.capataz.common.environment;

import org.jspecify.annotations.NullMarked;
