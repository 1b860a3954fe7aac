/** The session with the supervisor: opening it, heartbeats, and sync. */
@NullMarked
package io.capataz.agent.session;

import org.jspecify.annotations.NullMarked;
