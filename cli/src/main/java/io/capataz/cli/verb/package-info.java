/**
 * The tree of commands: their options, help, completion and reference page. The only package that
 * knows picocli.
 */
@NullMarked
package io.capataz.cli.verb;

import org.jspecify.annotations.NullMarked;
