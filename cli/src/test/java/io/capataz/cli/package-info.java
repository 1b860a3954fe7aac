@NullMarked
package io.capataz.cli;

import org.jspecify.annotations.NullMarked;
