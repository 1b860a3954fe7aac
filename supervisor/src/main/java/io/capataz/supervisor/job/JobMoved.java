package io.capataz.supervisor.job;

/**
 * A job has moved. Published in this process only, for observers.
 *
 * @param job after the move
 */
public record JobMoved(Job job, JobMove move) {}
