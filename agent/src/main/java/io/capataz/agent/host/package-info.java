/** The machine the agent runs on, and the agent's data folder. */
@NullMarked
package io.capataz.agent.host;

import org.jspecify.annotations.NullMarked;
