package io.capataz.supervisor.job;

/**
 * A job is now waiting for an agent. Published in this process only, for speed; the guarantee is
 * the mark in the job document.
 */
public record JobReady(Job job) {}
