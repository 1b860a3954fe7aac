/** Definitions from what other systems keep: crontabs and job files of Rundeck. */
@NullMarked
package io.capataz.cli.migrate;

import org.jspecify.annotations.NullMarked;
