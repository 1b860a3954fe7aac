package io.capataz.supervisor.schedule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.zone.ZoneOffsetTransition;
import java.time.zone.ZoneRules;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which instants a schedule has. */
class TimingTest {

  private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
  private static final Instant END = Instant.parse("2036-01-01T00:00:00Z");

  private static Timing cron(String cron, String zone) {
    return new Timing(cron, null, null, zone, null, null);
  }

  private static List<Instant> between(Timing timing, Instant from, Instant until) {
    var found = new ArrayList<Instant>();
    var next = timing.next(from);
    while (next.isPresent() && !next.get().isAfter(until)) {
      found.add(next.get());
      next = timing.next(next.get());
    }
    return found;
  }

  private static List<String> texts(String cron, String zone, String from, int count) {
    var timing = cron(cron, zone);
    return Stream.iterate(
            timing.next(Instant.parse(from)).orElseThrow(),
            instant -> timing.next(instant).orElseThrow())
        .limit(count)
        .map(Instant::toString)
        .toList();
  }

  @ParameterizedTest
  @CsvSource({
    "30 6 * * *, UTC, 2026-01-31T12:00:00Z, 2026-02-01T06:30:00Z",
    "*/10 * * * * *, UTC, 2026-01-31T12:00:01Z, 2026-01-31T12:00:10Z",
    "0 9 * * MON-FRI, Europe/Madrid, 2026-01-31T12:00:00Z, 2026-02-02T08:00:00Z",
    "0 0 L * *, UTC, 2026-02-01T00:00:00Z, 2026-02-28T00:00:00Z",
    "0 0 15W * *, UTC, 2026-02-01T00:00:00Z, 2026-02-16T00:00:00Z",
    "0 0 * * MON#1, UTC, 2026-02-03T00:00:00Z, 2026-03-02T00:00:00Z",
    "@daily, America/Bogota, 2026-01-31T12:00:00Z, 2026-02-01T05:00:00Z",
    "@DAILY, UTC, 2026-01-31T12:00:00Z, 2026-02-01T00:00:00Z",
    "0 0 29 2 *, UTC, 2026-01-31T12:00:00Z, 2028-02-29T00:00:00Z"
  })
  void cron_expressions(String cron, String zone, String after, String next) {
    assertThat(cron(cron, zone).next(Instant.parse(after))).hasValue(Instant.parse(next));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "* * *", "61 * * * *", "every day", "* * * * * * *", "@sometimes"})
  void what_is_no_cron_expression(String cron) {
    assertThatIllegalArgumentException().isThrownBy(() -> Timing.expression(cron));
  }

  @Test
  void a_day_that_never_comes_has_no_next() {
    assertThat(cron("0 0 31 2 *", "UTC").next(START)).isEmpty();
  }

  @Test
  void what_clocks_skip_is_taken_when_they_are_put_forward() {
    assertThat(texts("30 2 * * *", "Europe/Madrid", "2026-03-28T12:00:00Z", 2))
        .containsExactly("2026-03-29T01:00:00Z", "2026-03-30T00:30:00Z");
    assertThat(texts("*/20 2,3 * * *", "Europe/Madrid", "2026-03-28T23:00:00Z", 3))
        .containsExactly("2026-03-29T01:00:00Z", "2026-03-29T01:20:00Z", "2026-03-29T01:40:00Z");
  }

  @Test
  void what_comes_twice_is_taken_once() {
    assertThat(texts("30 2 * * *", "Europe/Madrid", "2026-10-24T12:00:00Z", 2))
        .containsExactly("2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z");
    // Also if one looks between the two.
    assertThat(texts("30 2 * * *", "Europe/Madrid", "2026-10-25T00:45:00Z", 1))
        .containsExactly("2026-10-26T01:30:00Z");
  }

  @Test
  void what_names_every_hour_goes_on_through_both() {
    assertThat(texts("30 * * * *", "Europe/Madrid", "2026-10-25T00:00:00Z", 3))
        .containsExactly("2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z", "2026-10-25T02:30:00Z");
    assertThat(texts("30 * * * *", "Europe/Madrid", "2026-03-29T00:00:00Z", 2))
        .containsExactly("2026-03-29T00:30:00Z", "2026-03-29T01:30:00Z");
  }

  @Test
  void intervals_are_counted_from_the_first_instant() {
    var timing = new Timing(null, Duration.ofMinutes(7), START, "UTC", null, null);

    assertThat(timing.next(START.minusSeconds(1))).hasValue(START);
    assertThat(timing.next(START)).hasValue(START.plus(Duration.ofMinutes(7)));
    assertThat(timing.next(START.plus(Duration.ofDays(1000)).plusSeconds(1)).orElseThrow())
        .isEqualTo(START.plus(Duration.ofMinutes(7).multipliedBy(205_715)));
  }

  @Test
  void bounds_belong_to_it() {
    var from = Instant.parse("2026-02-01T06:00:00Z");
    var timing = new Timing("0 6 * * *", null, null, "UTC", from, from.plus(Duration.ofDays(1)));

    assertThat(between(timing, START, END)).containsExactly(from, from.plus(Duration.ofDays(1)));
  }

  @Test
  void one_date_and_no_more() {
    var once = new Timing(null, null, START, "UTC", null, null);

    assertThat(once.next(START.minusMillis(1))).hasValue(START);
    assertThat(once.next(START)).isEmpty();
  }

  @Test
  void a_first_date_comes_before_what_repeats() {
    var timing =
        new Timing("0 6 * * *", null, Instant.parse("2026-01-05T01:02:03Z"), "UTC", null, null);

    assertThat(timing.next(START)).hasValue(Instant.parse("2026-01-05T01:02:03Z"));
    assertThat(timing.next(Instant.parse("2026-01-05T01:02:03Z")))
        .hasValue(Instant.parse("2026-01-05T06:00:00Z"));
  }

  /** One zone for each set of rules by which clocks are changed. */
  static Collection<String> zones() {
    var zones = new HashMap<ZoneRules, String>();
    ZoneId.getAvailableZoneIds().stream()
        .sorted()
        .filter(zone -> ZoneId.of(zone).getRules().nextTransition(START) != null)
        .forEach(zone -> zones.putIfAbsent(ZoneId.of(zone).getRules(), zone));
    return new TreeSet<>(zones.values());
  }

  /**
   * Around each change of the clocks in ten years, what is found is what a plain look at every
   * minute says: which times clocks show, in which order, and which they never show.
   */
  @ParameterizedTest
  @MethodSource("zones")
  void every_zone_as_a_look_at_every_minute_says(String zone) {
    var rules = ZoneId.of(zone).getRules();
    var change = rules.nextTransition(START);
    while (change != null && change.getInstant().isBefore(END)) {
      var minutes = new Minutes(change, rules);
      for (var hour : List.of(0, 1, 2, 3, 23)) {
        for (var minute : List.of(0, 17, 30)) {
          assertThat(
                  between(cron(minute + " " + hour + " * * *", zone), minutes.from, minutes.until))
              .describedAs("%02d:%02d around %s", hour, minute, change)
              .containsExactlyElementsOf(minutes.firstAt(LocalTime.of(hour, minute)));
        }
      }
      assertThat(between(cron("*/30 * * * *", zone), minutes.from, minutes.until))
          .describedAs("around %s", change)
          .containsExactlyElementsOf(minutes.atHalfHours());
      change = rules.nextTransition(change.getInstant());
    }
  }

  /** What clocks show, minute by minute, around a change. */
  private static final class Minutes {
    private final Instant from;
    private final Instant until;
    private final NavigableMap<Instant, LocalDateTime> shown = new TreeMap<>();

    Minutes(ZoneOffsetTransition change, ZoneRules rules) {
      from = change.getInstant().minus(Duration.ofHours(3));
      until = change.getInstant().plus(Duration.ofHours(3));
      for (var it = from.minus(Duration.ofHours(3));
          !it.isAfter(until);
          it = it.plus(Duration.ofMinutes(1))) {
        shown.put(it, LocalDateTime.ofInstant(it, rules.getOffset(it)));
      }
    }

    /** When clocks first show the time of a day, or jump over it. */
    List<Instant> firstAt(LocalTime time) {
      var days = new HashSet<LocalDate>();
      var instants = new TreeSet<Instant>();
      var last = shown.firstEntry().getValue();
      for (var minute : shown.entrySet()) {
        var now = minute.getValue();
        for (var day : List.of(last.toLocalDate(), now.toLocalDate())) {
          var named = day.atTime(time);
          if ((now.equals(named) || (last.isBefore(named) && now.isAfter(named)))
              && days.add(day)) {
            instants.add(minute.getKey());
          }
        }
        last = now;
      }
      return List.copyOf(instants.tailSet(from, false));
    }

    List<Instant> atHalfHours() {
      return shown.tailMap(from, false).entrySet().stream()
          .filter(minute -> minute.getValue().getMinute() % 30 == 0)
          .map(Map.Entry::getKey)
          .toList();
    }
  }
}
