package io.capataz.supervisor.schedule;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.time.zone.ZoneRules;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.scheduling.support.CronExpression;

/**
 * The instants of a schedule: once, by a cron expression, or every so often; {@code at} is the
 * first of them where it repeats.
 *
 * <p>Cron expressions are about the clocks of {@code zone}. What they name while clocks are put
 * forward, and so does not exist, is taken at that very moment, once. What comes twice while clocks
 * are put back is taken the first time; only if an expression names every hour, both times.
 *
 * @param cron five fields, or six with seconds first; null: none
 * @param every the time between two instants, counted from {@code at}; null: none
 * @param at the first instant, or the only one; null: as the others say
 * @param from no instant is before; null: no bound
 * @param until no instant is after; null: no bound
 */
record Timing(
    @Nullable String cron,
    @Nullable Duration every,
    @Nullable Instant at,
    String zone,
    @Nullable Instant from,
    @Nullable Instant until) {

  /** Nothing is so rare that it is not found by then. */
  private static final Duration HORIZON = Duration.ofDays(366L * 30);

  private static final Pattern SPACES = Pattern.compile("\\s+");
  private static final Pattern EVERY_HOUR = Pattern.compile("\\*(/1)?");

  /**
   * The first instant after another one.
   *
   * @return empty if there is none any more
   */
  Optional<Instant> next(Instant after) {
    var found = at != null && at.isAfter(after) ? Optional.of(at) : repeated(bounded(after));
    return found.filter(next -> until == null || !next.isAfter(until));
  }

  /** Where the search begins: an instant at {@code from} itself counts. */
  private Instant bounded(Instant after) {
    return from != null && from.isAfter(after) ? from.minusMillis(1) : after;
  }

  private Optional<Instant> repeated(Instant after) {
    if (cron != null) {
      return byClock(expression(cron), isEveryHour(cron), ZoneId.of(zone), after);
    }
    if (every != null && at != null) {
      var steps = Duration.between(at, after).dividedBy(every) + 1;
      return Optional.of(at.plus(every.multipliedBy(steps)));
    }
    return Optional.empty();
  }

  private static Optional<Instant> byClock(
      CronExpression cron, boolean everyHour, ZoneId zone, Instant after) {
    if (everyHour) {
      return Optional.ofNullable(everyHour(cron, zone.getRules(), after));
    }
    var last = LocalDateTime.ofInstant(after.plus(HORIZON), zone);
    // A local time before the clocks were put back may be named again although it has passed.
    var local = LocalDateTime.ofInstant(after, zone).minusDays(1);
    while (true) {
      local = cron.next(local);
      if (local == null || local.isAfter(last)) {
        return Optional.empty();
      }
      var instant = at(local, zone);
      if (instant.isAfter(after)) {
        return Optional.of(instant);
      }
    }
  }

  /** As clocks show it, whatever they have shown before. */
  private static @Nullable Instant everyHour(CronExpression cron, ZoneRules rules, Instant after) {
    var from = after;
    while (true) {
      var offset = rules.getOffset(from.plusNanos(1));
      var local = cron.next(LocalDateTime.ofInstant(from, offset));
      var found = local == null ? null : local.toInstant(offset);
      var change = rules.nextTransition(from.plusNanos(1));
      if (change == null || (found != null && found.isBefore(change.getInstant()))) {
        return found;
      }
      if (change.getInstant().isAfter(after.plus(HORIZON))) {
        return null;
      }
      from = change.getInstant().minusNanos(1);
    }
  }

  /** The first time that clocks show it; if they never do, when they are put forward. */
  private static Instant at(LocalDateTime local, ZoneId zone) {
    var rules = zone.getRules();
    var transition = rules.getTransition(local);
    return transition != null && transition.isGap()
        ? transition.getInstant()
        : ZonedDateTime.ofLocal(local, zone, null).withEarlierOffsetAtOverlap().toInstant();
  }

  /**
   * Reads a cron expression: five fields, six with seconds first, or a word such as {@code @daily}.
   * Names, ranges, lists and steps are allowed, and {@code L}, {@code W} and {@code #} for days.
   *
   * @throws IllegalArgumentException if it is none, with what is wrong
   */
  static CronExpression expression(String cron) {
    var fields = SPACES.split(cron.strip(), -1);
    var six = fields.length == 5 ? "0 " + String.join(" ", fields) : String.join(" ", fields);
    return CronExpression.parse(six.startsWith("@") ? six.toLowerCase(Locale.ROOT) : six);
  }

  /** Whether an expression names all hours, so that it is about minutes and not about the time. */
  private static boolean isEveryHour(String cron) {
    var fields = SPACES.split(cron.strip(), -1);
    return switch (fields.length) {
      case 5 -> EVERY_HOUR.matcher(fields[1]).matches();
      case 6 -> EVERY_HOUR.matcher(fields[2]).matches();
      default -> cron.strip().equalsIgnoreCase("@hourly");
    };
  }

  /** Whether it is the name of a zone. */
  static boolean isZone(String name) {
    try {
      var _ = ZoneId.of(name);
      return true;
    } catch (DateTimeException unknown) {
      return false;
    }
  }
}
