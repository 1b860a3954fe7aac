package io.capataz.supervisor.schedule;

import io.capataz.supervisor.job.Cause;
import io.capataz.supervisor.job.Origin;
import io.capataz.supervisor.job.OriginKind;
import io.capataz.supervisor.run.Startable;
import io.capataz.supervisor.run.Starter;
import io.capataz.supervisor.run.Starters;
import io.capataz.supervisor.runtime.Round;
import io.capataz.supervisor.schedule.Schedule.Came;
import io.capataz.supervisor.schedule.Schedule.Overlap;
import io.capataz.supervisor.schedule.Schedule.Tick;
import io.capataz.supervisor.schedule.Turn.Due;
import io.capataz.supervisor.web.ApiProblem;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.HttpStatus;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/**
 * Starts what schedules say. Every supervisor does: what is started at an instant has an id of its
 * own, so it is started once, and the schedule moves on by a compare-and-set only after that.
 */
@Component
class ScheduleClock implements OriginKind {

  private static final Logger log = LoggerFactory.getLogger(ScheduleClock.class);

  private static final String SCHEDULE = "schedule";
  private static final int AT_ONCE = 500;
  private static final int MOST_OPEN = 100;
  private static final Duration AFTER_FAILURE = Duration.ofSeconds(10);

  private final Schedules schedules;
  private final Starters starters;
  private final InstantSource clock;

  ScheduleClock(Schedules schedules, Starters starters, InstantSource clock) {
    this.schedules = schedules;
    this.starters = starters;
    this.clock = clock;
  }

  @Override
  public String word() {
    return SCHEDULE;
  }

  @Scheduled(fixedDelayString = "PT1S")
  void sweep() {
    var round = Round.ofSweep();
    for (var schedule : schedules.due(AT_ONCE)) {
      try {
        look(schedule);
      } catch (RuntimeException failure) {
        schedules.later(schedule, clock.instant().plus(AFTER_FAILURE));
        log.atWarn()
            .setCause(failure)
            .addKeyValue("schedule", schedule.id())
            .log("nothing could be started; it is tried again");
      }
      if (round.isOver()) {
        return;
      }
    }
  }

  private void look(Schedule schedule) {
    var target = schedule.target();
    var starter = starters.of(target.kind());
    var what = starter.find(schedule.organization(), target.id());
    if (what.isEmpty()) {
      log.atInfo().addKeyValue("schedule", schedule.id()).log("removed with what it starts");
      var _ = schedules.remove(schedule);
      return;
    }
    var pause = schedule.course().pause();
    if (pause != null) {
      var until = pause.until() == null ? clock.instant() : pause.until();
      schedules.resumed(schedule, schedule.timing().next(until.minusMillis(1)).orElse(null));
      return;
    }
    var turn = Turn.of(schedule, clock.instant());
    var ticks =
        turn.instants().stream().map(due -> tick(schedule, starter, what.get(), due)).toList();
    var _ = schedules.advance(schedule, turn.next(), ticks);
  }

  private Tick tick(Schedule schedule, Starter starter, Startable what, Due due) {
    var id = schedule.startAt(due.at());
    if (starter.isStarted(schedule.organization(), id)) {
      return came(due.at(), Came.STARTED, id, "");
    }
    if (schedule.course().skips().contains(due.at())) {
      return came(due.at(), Came.SKIPPED, "", "It was to be passed over.");
    }
    if (!due.starts()) {
      return came(due.at(), Came.MISSED, "", "No supervisor started it in time.");
    }
    return overlapping(schedule, starter, what, due.at())
        .orElseGet(() -> start(schedule, starter, what, due.at(), id));
  }

  /** Deals with what is open; the tick if it is passed over for that. */
  private Optional<Tick> overlapping(
      Schedule schedule, Starter starter, Startable what, Instant at) {
    var overlap = schedule.policy().overlap();
    if (overlap == Overlap.QUEUE) {
      return Optional.empty();
    }
    var open = starter.open(what, MOST_OPEN);
    if (open.isEmpty()) {
      return Optional.empty();
    }
    if (overlap == Overlap.SKIP) {
      return Optional.of(
          came(at, Came.SKIPPED, "", "An earlier run has not ended: " + open.getFirst() + "."));
    }
    open.forEach(id -> starter.cancel(schedule.organization(), id, by(schedule)));
    return Optional.empty();
  }

  private Tick start(Schedule schedule, Starter starter, Startable what, Instant at, String id) {
    var cause = new Cause(new Origin(SCHEDULE, schedule.id()), by(schedule), null, null);
    try {
      starter.start(what, id, schedules.arguments(schedule), cause, null);
      return came(at, Came.STARTED, id, "");
    } catch (ApiProblem refused) {
      if (refused.status() == HttpStatus.TOO_MANY_REQUESTS) {
        throw refused;
      }
      log.atWarn()
          .addKeyValue("schedule", schedule.id())
          .addKeyValue("at", at)
          .log("not started: {}", refused.detail());
      return came(at, Came.FAILED, "", refused.detail());
    }
  }

  private static String by(Schedule schedule) {
    return SCHEDULE + ":" + schedule.id();
  }

  private Tick came(Instant at, Came came, String start, String reason) {
    return new Tick(
        at,
        came,
        start.isEmpty() ? null : start,
        reason.isEmpty() ? null : reason,
        clock.instant());
  }
}
