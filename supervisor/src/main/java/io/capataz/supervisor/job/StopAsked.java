package io.capataz.supervisor.job;

/**
 * A running job should stop. Published in this process only, for speed; the request is recorded in
 * the job.
 */
public record StopAsked(String host) {}
