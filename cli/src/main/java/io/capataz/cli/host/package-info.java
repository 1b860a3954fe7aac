/** Commands for hosts. */
@NullMarked
package io.capataz.cli.host;

import org.jspecify.annotations.NullMarked;
