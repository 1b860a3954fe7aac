/**
 * The command line: what people and scripts do with a supervisor from a terminal. It knows the API
 * and nothing else.
 */
@NullMarked
package io.capataz.cli;

import org.jspecify.annotations.NullMarked;
