package io.capataz.supervisor;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.concurrent.atomic.AtomicReference;

/** Time that goes as it does, and jumps where the test wants it to. */
public final class TestClock implements InstantSource {

  private final Clock real = Clock.tickMillis(ZoneOffset.UTC);
  private final AtomicReference<Duration> offset = new AtomicReference<>(Duration.ZERO);

  public void jump(Duration by) {
    offset.updateAndGet(now -> now.plus(by));
  }

  @Override
  public Instant instant() {
    return real.instant().plus(offset.get());
  }
}
