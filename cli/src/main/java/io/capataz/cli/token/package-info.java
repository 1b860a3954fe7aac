/** Commands for tokens. */
@NullMarked
package io.capataz.cli.token;

import org.jspecify.annotations.NullMarked;
