package io.capataz.supervisor.trigger;

import io.capataz.supervisor.job.Cause;
import java.time.Instant;
import java.util.List;

/**
 * An event that has happened.
 *
 * @param source the id of what has happened, the end of a job for example: 24 hexadecimal digits.
 *     What it starts has ids that follow from it, so that it starts each target once
 * @param emitter the id of what emits it
 * @param name of the event
 * @param data the arguments of what it starts, by position
 * @param cause of what it starts; its origin says how many events led to it
 * @param at when it happened
 */
public record Emission(
    String organization,
    String source,
    String emitter,
    String name,
    List<String> data,
    Cause cause,
    Instant at) {
  public Emission {
    data = List.copyOf(data);
  }
}
