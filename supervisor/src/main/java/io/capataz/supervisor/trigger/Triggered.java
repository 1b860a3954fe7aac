package io.capataz.supervisor.trigger;

import org.jspecify.annotations.Nullable;

/**
 * What came of an event for one of the tasks and workflows that it starts.
 *
 * @param kind {@code task} or {@code workflow}
 * @param target its id
 * @param id of the job or the run
 * @param refused why it was not started; null: it was
 */
public record Triggered(String kind, String target, String id, @Nullable String refused) {}
