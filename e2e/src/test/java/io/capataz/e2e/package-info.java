/** Stories told from outside: the launcher, real processes, HTTP, and nothing of the code. */
@NullMarked
package io.capataz.e2e;

import org.jspecify.annotations.NullMarked;
