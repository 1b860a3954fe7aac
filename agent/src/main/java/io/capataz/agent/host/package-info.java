/** The machine the agent runs on: what it is, and the folder the agent may write to. */
@NullMarked
package io.capataz.agent.host;

import org.jspecify.annotations.NullMarked;
