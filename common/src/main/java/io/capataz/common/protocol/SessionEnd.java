package io.capataz.common.protocol;

/**
 * {@code POST /agent/v1/session/end}: this agent process ends, so its host is offline from now on.
 * What it leaves to keepers is still its own; the next session names it. The call may be lost, and
 * may be repeated.
 *
 * @param epoch the session's epoch; a later session goes on
 */
public record SessionEnd(long epoch) {}
