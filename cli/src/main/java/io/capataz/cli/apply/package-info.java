/**
 * Definitions as files: bringing a supervisor to what files say, and writing files from what is
 * there.
 */
@NullMarked
package io.capataz.cli.apply;

import org.jspecify.annotations.NullMarked;
