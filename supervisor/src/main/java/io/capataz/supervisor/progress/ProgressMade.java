package io.capataz.supervisor.progress;

import io.capataz.supervisor.job.Job;

/**
 * A script has reported progress. Published in this process only, for observers.
 *
 * @param job as it was seen last; its state may be another by now
 */
public record ProgressMade(Job job, Progress progress) {}
