/**
 * What is printed and how a command ends: data on standard output, everything else on standard
 * error.
 */
@NullMarked
package io.capataz.cli.terminal;

import org.jspecify.annotations.NullMarked;
