/** One class per rule of {@code ArchitectureTest}, to verify that the rule finds it. */
@NullMarked
package io.capataz.agent.planted;

import org.jspecify.annotations.NullMarked;
