package io.capataz.supervisor.schedule;

import io.capataz.supervisor.access.Caller;
import io.capataz.supervisor.run.Startable;
import io.capataz.supervisor.run.Starters;
import io.capataz.supervisor.schedule.Schedule.Course;
import io.capataz.supervisor.schedule.Schedule.Pause;
import io.capataz.supervisor.schedule.Schedule.Revision;
import io.capataz.supervisor.schedule.Schedule.Target;
import io.capataz.supervisor.schedule.ScheduleFields.Read;
import io.capataz.supervisor.web.ApiProblem;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.bson.types.ObjectId;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import tools.jackson.databind.node.ObjectNode;

/** Makes and changes schedules for members. */
@Component
class ScheduleChanges {

  /** So that no organization keeps the clock of all others busy. */
  private static final int MOST_SCHEDULES = 20_000;

  private static final int MOST_SKIPS = 100;

  private final Schedules schedules;
  private final Starters starters;
  private final InstantSource clock;

  ScheduleChanges(Schedules schedules, Starters starters, InstantSource clock) {
    this.schedules = schedules;
    this.starters = starters;
    this.clock = clock;
  }

  /** A schedule with what it starts. */
  record Found(Schedule schedule, Startable what) {}

  /** What the member may see of that kind. */
  Startable target(Caller.Member caller, String kind, String id) {
    return starters
        .of(kind)
        .visible(caller, id)
        .orElseThrow(
            () -> ApiProblem.notFound(kind.equals("fleet") ? "The fleet run" : "The " + kind));
  }

  /** The schedule, if the member may see what it starts. */
  Found found(Caller.Member caller, String id) {
    return schedules
        .find(caller.organization(), id)
        .flatMap(schedule -> shown(caller, schedule))
        .orElseThrow(() -> ApiProblem.notFound("The schedule"));
  }

  /** With what it starts, if the member may see that. */
  Optional<Found> shown(Caller.Member caller, Schedule schedule) {
    var target = schedule.target();
    return starters
        .of(target.kind())
        .visible(caller, target.id())
        .map(what -> new Found(schedule, what));
  }

  ScheduleView view(Found found) {
    return ScheduleView.of(found.schedule(), found.what(), schedules.arguments(found.schedule()));
  }

  Found make(Caller.Member caller, Startable what, ObjectNode body) {
    var read = read(what, body);
    if (schedules.count(caller.organization(), MOST_SCHEDULES) >= MOST_SCHEDULES) {
      throw ApiProblem.forbidden(
          "too_many_schedules",
          "The organization has "
              + MOST_SCHEDULES
              + " schedules and may have no more. Remove some first.");
    }
    var id = ObjectId.get().toHexString();
    var now = clock.instant();
    var revision = new Revision(1, now, now, caller.name());
    return new Found(schedules.add(schedule(id, what, read, revision)), what);
  }

  private Read read(Startable what, ObjectNode body) {
    var read = ScheduleFields.read(body, clock.instant());
    starters.of(what.kind()).check(what, read.given());
    return read;
  }

  private Schedule schedule(String id, Startable what, Read read, Revision revision) {
    var next = read.timing().next(clock.instant()).orElse(null);
    return new Schedule(
        id,
        what.organization(),
        new Target(what.kind(), what.id()),
        read.description(),
        read.timing(),
        schedules.sealed(what.organization(), id, read.given()),
        read.policy(),
        new Course(next, next, null, List.of(), null, List.of()),
        revision);
  }

  /** Replaces the definition; what came of its instants stays. */
  Found replace(Caller.Member caller, Found found, ObjectNode body) {
    var current = found.schedule();
    var read = read(found.what(), body);
    var before = current.revision();
    var revision =
        new Revision(before.version() + 1, before.created(), clock.instant(), caller.name());
    var next = schedule(current.id(), found.what(), read, revision);
    return changed(
        found,
        schedules.replace(current, current.course().pause() == null ? next : next.paused(current)));
  }

  private static Found changed(Found found, Optional<Schedule> changed) {
    return changed
        .map(schedule -> new Found(schedule, found.what()))
        .orElseThrow(
            () ->
                ApiProblem.conflict(
                    "changed_meanwhile", "The schedule was changed at the same time. Try again."));
  }

  Found pause(Caller.Member caller, Found found, @Nullable Instant until, @Nullable String note) {
    var pause = new Pause(caller.name(), clock.instant(), until, note);
    return changed(found, schedules.pause(found.schedule(), pause));
  }

  /**
   * Goes on from an instant: what has passed since is caught up as its policy says.
   *
   * @param from null: from now
   */
  Found goOn(Found found, @Nullable Instant from) {
    var after = from == null ? clock.instant() : from.minusMillis(1);
    var next = found.schedule().timing().next(after).orElse(null);
    return changed(found, schedules.goOn(found.schedule(), next));
  }

  /** Passes over one of the instants to come. */
  Found skip(Found found, Instant at) {
    var timing = found.schedule().timing();
    if (!at.isAfter(clock.instant())
        || timing.next(at.minusMillis(1)).filter(at::equals).isEmpty()) {
      throw ApiProblem.badRequest(
          "no_instant", "The schedule has no instant " + at + " ahead. GET …/next lists them.");
    }
    var skips = new ArrayList<>(found.schedule().course().skips());
    if (!skips.contains(at)) {
      skips.add(at);
    }
    if (skips.size() > MOST_SKIPS) {
      throw ApiProblem.conflict(
          "too_many_skips",
          "At most " + MOST_SKIPS + " instants can be passed over; pause the schedule instead.");
    }
    return changed(found, schedules.skip(found.schedule(), skips));
  }

  boolean remove(Found found) {
    return schedules.remove(found.schedule());
  }

  /** The next instants of what was sent, which is not kept. */
  List<Instant> preview(Startable what, ObjectNode body, int count) {
    return next(read(what, body).timing(), count);
  }

  List<Instant> next(Timing timing, int count) {
    var instants = new ArrayList<Instant>();
    var next = timing.next(clock.instant());
    while (next.isPresent() && instants.size() < count) {
      instants.add(next.get());
      next = timing.next(next.get());
    }
    return instants;
  }
}
