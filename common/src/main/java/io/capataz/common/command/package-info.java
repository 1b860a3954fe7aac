/**
 * What all commands of {@code ./capataz} have in common: flags and their environment variables,
 * {@code --help}, {@code --version}, exit codes, and errors as one sentence.
 */
@NullMarked
package io.capataz.common.command;

import org.jspecify.annotations.NullMarked;
