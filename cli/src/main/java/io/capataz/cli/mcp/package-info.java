/** Tools for assistants: a server of the Model Context Protocol on standard input and output. */
@NullMarked
package io.capataz.cli.mcp;

import org.jspecify.annotations.NullMarked;
