/** Which supervisor a command talks to, for which organization, with which token. */
@NullMarked
package io.capataz.cli.context;

import org.jspecify.annotations.NullMarked;
