/** One life of the agent as the supervisor sees it: who it is, that it lives, what it should do. */
@NullMarked
package io.capataz.agent.session;

import org.jspecify.annotations.NullMarked;
