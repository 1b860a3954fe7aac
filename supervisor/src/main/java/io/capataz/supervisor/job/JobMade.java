package io.capataz.supervisor.job;

/** A job was made. Published in this process only, for observers; now and then twice. */
public record JobMade(Job job) {}
