/** Scripts: immutable text, known by digest. */
@NullMarked
package io.capataz.supervisor.script;

import org.jspecify.annotations.NullMarked;
