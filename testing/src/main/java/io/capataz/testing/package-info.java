/** What the tests of several modules share. */
@NullMarked
package io.capataz.testing;

import org.jspecify.annotations.NullMarked;
