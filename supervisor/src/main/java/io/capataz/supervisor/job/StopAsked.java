package io.capataz.supervisor.job;

/**
 * Something that runs on a host is to be stopped. Published in this process only, for speed; the
 * wish stands in the job.
 */
public record StopAsked(String host) {}
