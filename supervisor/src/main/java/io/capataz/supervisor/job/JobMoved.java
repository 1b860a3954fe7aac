package io.capataz.supervisor.job;

/**
 * A job has made a move. Published by the supervisor that made it, in its own process only: for
 * metrics, live views and waiting callers. Work that must not be missed is a {@link FollowUp}.
 *
 * @param job after the move
 */
public record JobMoved(Job job, JobMove move) {}
