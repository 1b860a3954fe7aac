/** A violation of the rules, to see that it is found. */
@NullMarked
package io.capataz.standalone.planted.demo;

import org.jspecify.annotations.NullMarked;
