/** Commands for schedules. */
@NullMarked
package io.capataz.cli.schedule;

import org.jspecify.annotations.NullMarked;
