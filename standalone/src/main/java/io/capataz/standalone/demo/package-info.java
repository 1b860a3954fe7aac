/**
 * {@code ./capataz demo}: two jobs from the order over HTTP to the result of a script, shown on the
 * terminal while it happens. It knows the supervisor from outside only.
 */
@NullMarked
package io.capataz.standalone.demo;

import org.jspecify.annotations.NullMarked;
