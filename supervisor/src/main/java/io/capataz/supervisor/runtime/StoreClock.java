package io.capataz.supervisor.runtime;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.scheduling.annotation.Scheduled;

/**
 * The one clock that all supervisors share: the store's. It is asked once in a while and goes on
 * from there by this machine's monotonic clock, so that a wall clock that is wrong, or jumps,
 * changes nothing that a supervisor decides.
 *
 * <p>It never goes back, unless the store's clock was set: each look errs by a few milliseconds,
 * and jobs that are posted one after the other must keep that order.
 */
final class StoreClock implements InstantSource {

  private static final Logger log = LoggerFactory.getLogger(StoreClock.class);

  /** More than a look can err. */
  private static final Duration SET = Duration.ofSeconds(1);

  private final Supplier<Instant> store;
  private final LongSupplier nanos;
  private volatile Anchor anchor;

  /**
   * What the store's clock said when this machine's monotonic clock stood there.
   *
   * @param latest the latest that was read off it, in milliseconds; goes over to the next one
   */
  private record Anchor(Instant instant, long nanos, AtomicLong latest) {}

  /**
   * @param store asks the store for its time
   * @param nanos a monotonic clock
   */
  StoreClock(Supplier<Instant> store, LongSupplier nanos) {
    this.store = store;
    this.nanos = nanos;
    this.anchor = StoreCalls.repeatable(() -> ask(new AtomicLong(Long.MIN_VALUE)));
  }

  /**
   * In whole milliseconds, because the store keeps no more: what is read equals what was written.
   */
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
    // It was told somewhere between the two; the middle is wrong by half the way at the most.
    return new Anchor(told, before + (nanos.getAsLong() - before) / 2, latest);
  }
}
