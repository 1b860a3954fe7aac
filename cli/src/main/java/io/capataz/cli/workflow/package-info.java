/** Commands for workflows and their runs. */
@NullMarked
package io.capataz.cli.workflow;

import org.jspecify.annotations.NullMarked;
