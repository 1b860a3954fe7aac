/** Commands for jobs, and waiting for the end of one. */
@NullMarked
package io.capataz.cli.job;

import org.jspecify.annotations.NullMarked;
