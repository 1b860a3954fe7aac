package io.capataz.supervisor.job;

/** A job has made a move. Published in this process only, for those who watch. */
record JobMoved(Job job, JobMove move) {}
