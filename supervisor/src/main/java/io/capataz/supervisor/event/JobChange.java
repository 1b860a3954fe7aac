package io.capataz.supervisor.event;

import io.capataz.supervisor.job.Job;
import io.capataz.supervisor.progress.Progress;
import org.jspecify.annotations.Nullable;

/**
 * Something that happened to a job.
 *
 * @param progress null: it was made or has moved; else its script has reported this
 */
record JobChange(Job job, @Nullable Progress progress) {}
