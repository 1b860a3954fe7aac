package io.capataz.supervisor.console;

import org.jspecify.annotations.Nullable;

/**
 * A state as pages show it.
 *
 * @param state names its glyph and its colour
 * @param word what it is called
 * @param detail the outcome, after the word; null: the word says it all
 */
record Badge(String state, String word, @Nullable String detail) {}
