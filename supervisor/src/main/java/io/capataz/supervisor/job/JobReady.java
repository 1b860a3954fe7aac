package io.capataz.supervisor.job;

/**
 * A job waits for an agent as of now. Published in this process only, for speed; whoever must not
 * miss it reads the job's {@code wake}.
 */
public record JobReady(Job job) {}
