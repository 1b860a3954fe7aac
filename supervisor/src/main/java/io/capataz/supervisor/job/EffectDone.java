package io.capataz.supervisor.job;

import io.capataz.supervisor.job.Job.Effect;

/**
 * An effect of a move was performed and its record is gone. Published in this process only, for
 * whoever watches; a crash may come before it.
 *
 * @param job as it was when the effect was performed
 */
public record EffectDone(Job job, Effect effect) {}
