@NullMarked
package io.capataz.cli.verb;

import org.jspecify.annotations.NullMarked;
