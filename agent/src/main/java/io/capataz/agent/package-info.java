/**
 * The agent: hears of jobs, claims them, runs their scripts, reports back. {@code Main} builds the
 * objects; below it there is one package per responsibility.
 */
@NullMarked
package io.capataz.agent;

import org.jspecify.annotations.NullMarked;
