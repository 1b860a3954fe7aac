package io.capataz.supervisor.runtime;

import java.time.Duration;

/**
 * The store's time has changed other than by passing, as at an election whose winner has another
 * clock. Times stored before and times read now cannot be compared.
 *
 * @param by how far, into the future or back
 */
public record ClockJumped(Duration by) {}
