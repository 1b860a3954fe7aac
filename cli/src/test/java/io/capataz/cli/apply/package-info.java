@NullMarked
package io.capataz.cli.apply;

import org.jspecify.annotations.NullMarked;
