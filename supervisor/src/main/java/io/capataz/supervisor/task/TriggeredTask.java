package io.capataz.supervisor.task;

import java.time.Duration;

/**
 * A task that an event starts.
 *
 * @param graceTime how long after the event
 */
public record TriggeredTask(String id, Duration graceTime) {}
