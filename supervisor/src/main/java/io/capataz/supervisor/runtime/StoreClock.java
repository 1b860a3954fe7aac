package io.capataz.supervisor.runtime;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.scheduling.annotation.Scheduled;

/**
 * The clock shared by all supervisors: the store's. Its time is read periodically and advanced with
 * this machine's monotonic clock, so a wrong or jumping wall clock changes no decision of a
 * supervisor.
 *
 * <p>It never goes back, unless the store's clock was set: each reading is off by a few
 * milliseconds, and jobs that are posted one after the other must keep that order.
 */
final class StoreClock implements InstantSource {

  private static final Logger log = LoggerFactory.getLogger(StoreClock.class);

  /** More than a reading can be off. */
  private static final Duration SET = Duration.ofSeconds(1);

  private final Supplier<Instant> store;
  private final LongSupplier nanos;
  private final Consumer<Duration> jumped;
  private volatile Anchor anchor;

  /**
   * The store's time at a value of this machine's monotonic clock.
   *
   * @param latest the latest that was read off it, in milliseconds; goes over to the next one
   */
  private record Anchor(Instant instant, long nanos, AtomicLong latest) {}

  /**
   * @param store asks the store for its time
   * @param nanos a monotonic clock
   * @param jumped is told when the store's time has changed other than by passing
   */
  StoreClock(Supplier<Instant> store, LongSupplier nanos, Consumer<Duration> jumped) {
    this.store = store;
    this.nanos = nanos;
    this.jumped = jumped;
    this.anchor = MongoRetry.idempotent(() -> ask(new AtomicLong(Long.MIN_VALUE)));
  }

  /** In whole milliseconds, like the store, so that a value read back equals the value written. */
  @Override
  public Instant instant() {
    var from = anchor;
    var now = from.instant().plusNanos(nanos.getAsLong() - from.nanos()).toEpochMilli();
    return Instant.ofEpochMilli(from.latest().accumulateAndGet(now, Math::max));
  }

  @Scheduled(fixedDelayString = "PT10S", initialDelayString = "PT10S")
  void follow() {
    try {
      var now = ask(anchor.latest());
      var drift = Duration.between(instant(), now.instant());
      if (drift.abs().compareTo(SET) > 0) {
        now = new Anchor(now.instant(), now.nanos(), new AtomicLong(Long.MIN_VALUE));
        log.atWarn()
            .addKeyValue("by", drift)
            .log("store clock jumped, or this machine was suspended");
        anchor = now;
        jumped.accept(drift);
      }
      anchor = now;
    } catch (DataAccessException away) {
      log.atDebug()
          .setCause(away)
          .log("store time not available; continuing from the last known time");
    }
  }

  private Anchor ask(AtomicLong latest) {
    var before = nanos.getAsLong();
    var told = store.get();
    // It was read somewhere between the two; the middle is off by at most half of the interval.
    return new Anchor(told, before + (nanos.getAsLong() - before) / 2, latest);
  }
}
