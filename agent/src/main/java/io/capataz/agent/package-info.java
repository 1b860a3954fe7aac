/**
 * The agent: claims jobs, runs their scripts and reports their ends. {@code Main} creates the
 * objects; each package below has one responsibility.
 */
@NullMarked
package io.capataz.agent;

import org.jspecify.annotations.NullMarked;
