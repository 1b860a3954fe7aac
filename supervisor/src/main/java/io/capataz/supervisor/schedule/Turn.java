package io.capataz.supervisor.schedule;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What is to be done about a schedule whose next instant has come.
 *
 * @param instants those that have come, oldest first
 * @param next the first that has not; null: there is none
 */
record Turn(List<Due> instants, @Nullable Instant next) {
  Turn {
    instants = List.copyOf(instants);
  }

  /** An instant that is this late is not missed. */
  static final Duration TOLERANCE = Duration.ofMinutes(1);

  /** The most instants that are looked at; what was before is passed over unseen. */
  private static final int MOST = 10_000;

  /**
   * An instant that has come.
   *
   * @param starts whether it is to be started; otherwise it was missed
   */
  record Due(Instant at, boolean starts) {}

  static Turn of(Schedule schedule, Instant now) {
    var come = new ArrayList<Instant>();
    var next = schedule.course().next();
    while (next != null && !next.isAfter(now)) {
      come.add(next);
      next = schedule.timing().next(next).orElse(null);
      if (come.size() == MOST && next != null && next.isBefore(now.minus(TOLERANCE))) {
        next = schedule.timing().next(now.minus(TOLERANCE)).orElse(null);
      }
    }
    return new Turn(decided(schedule.policy(), come, now), next);
  }

  private static List<Due> decided(Schedule.Policy policy, List<Instant> come, Instant now) {
    var onTime = now.minus(TOLERANCE);
    var late = come.stream().filter(at -> at.isBefore(onTime)).toList();
    var tooLate = now.minus(policy.horizon());
    var most = most(policy, come.size() > late.size());
    var caughtUp =
        late.subList(Math.max(0, late.size() - most), late.size()).stream()
            .filter(at -> !at.isBefore(tooLate))
            .collect(Collectors.toSet());
    var last =
        come.subList(Math.max(0, come.size() - Schedule.REMEMBERED - policy.limit()), come.size());
    return last.stream()
        .map(at -> new Due(at, !at.isBefore(onTime) || caughtUp.contains(at)))
        .toList();
  }

  private static int most(Schedule.Policy policy, boolean oneIsOnTime) {
    return switch (policy.missed()) {
      case SKIP -> 0;
      case ONCE -> oneIsOnTime ? 0 : 1;
      case ALL -> policy.limit();
    };
  }
}
