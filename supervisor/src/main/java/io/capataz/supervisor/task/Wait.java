package io.capataz.supervisor.task;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.springframework.data.annotation.TypeAlias;

/**
 * Lets time pass; one of the two is set.
 *
 * @param duration how long a job waits, from when it was made
 * @param until the instant that it waits for; one that has passed ends the job at once
 */
@TypeAlias("wait")
public record Wait(@Nullable Duration duration, @Nullable Instant until) implements Action {

  /** When a job that is made now ends. */
  public Instant end(Instant now) {
    return until != null ? until : duration != null ? now.plus(duration) : now;
  }
}
