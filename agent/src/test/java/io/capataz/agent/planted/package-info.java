/** One class for every rule of {@code ArchitectureTest}, to see that the rule finds it. */
@NullMarked
package io.capataz.agent.planted;

import org.jspecify.annotations.NullMarked;
