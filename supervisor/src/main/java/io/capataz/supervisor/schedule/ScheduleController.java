package io.capataz.supervisor.schedule;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.capataz.supervisor.access.Allow;
import io.capataz.supervisor.access.Caller;
import io.capataz.supervisor.access.Role;
import io.capataz.supervisor.access.Scope;
import io.capataz.supervisor.listing.Listing;
import io.capataz.supervisor.schedule.Schedule.Came;
import io.capataz.supervisor.schedule.ScheduleChanges.Found;
import io.capataz.supervisor.web.Accepts;
import io.capataz.supervisor.web.ApiInput;
import io.capataz.supervisor.web.ApiProblem;
import io.capataz.supervisor.web.FieldReader;
import io.capataz.supervisor.web.Instants;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RestController;

/** Schedules over HTTP, and what they will do and did not. */
@RestController
class ScheduleController {

  private static final int PAGE = 500;
  private static final int MOST_NEXT = 500;
  private static final int MOST_PLANNED = 2_000;
  private static final Duration LONGEST_PLAN = Duration.ofDays(31);

  private static final Listing.Offer<Schedule> LIST =
      new Listing.Offer<>(
          Map.of("id", new Listing.Order<>(Schedule::id)), "id", Set.of(), PAGE, PAGE);

  private final Schedules schedules;
  private final ScheduleChanges changes;
  private final InstantSource clock;

  ScheduleController(Schedules schedules, ScheduleChanges changes, InstantSource clock) {
    this.schedules = schedules;
    this.changes = changes;
    this.clock = clock;
  }

  /**
   * {@code GET /{customer}/schedule} and {@code GET /schedule}: the schedules of what the caller
   * may see; see {@link Listing}. A page has fewer where some are not the caller's to see.
   */
  @GetMapping({"/{customer}/schedule", "/schedule"})
  @Accepts(checksQuery = true)
  @Allow(role = Role.VIEWER, scope = Scope.TASK_READ)
  ResponseEntity<List<ScheduleView>> list(ApiInput input, Caller.Member caller) {
    var asked = LIST.read(input);
    var page = schedules.list(caller.organization(), asked);
    var seen = new LinkedHashMap<Schedule, Found>();
    page.items().forEach(it -> changes.shown(caller, it).ifPresent(found -> seen.put(it, found)));
    return asked.answer(
        new Listing.Page<>(List.copyOf(seen.keySet()), page.last()),
        schedule -> changes.view(Objects.requireNonNull(seen.get(schedule))));
  }

  /** {@code GET …/schedule/{id}}: one schedule. */
  @GetMapping({"/{customer}/schedule/{id:[0-9a-f]+}", "/schedule/{id:[0-9a-f]+}"})
  @Allow(role = Role.VIEWER, scope = Scope.TASK_READ)
  ScheduleView get(@PathVariable String id, Caller.Member caller) {
    return changes.view(changes.found(caller, id));
  }

  /**
   * {@code PUT …/schedule/{id}}: replaces a schedule; fields as for {@code POST
   * …/task/{id}/schedule}. A pause stays.
   */
  @PutMapping({"/{customer}/schedule/{id:[0-9a-f]+}", "/schedule/{id:[0-9a-f]+}"})
  @Allow(role = Role.ADMIN, scope = Scope.TASK_WRITE)
  ScheduleView replace(@PathVariable String id, ApiInput input, Caller.Member caller) {
    return changes.view(changes.replace(caller, changes.found(caller, id), input.object()));
  }

  /** {@code DELETE …/schedule/{id}}: removes a schedule; what it has started goes on. */
  @DeleteMapping({"/{customer}/schedule/{id:[0-9a-f]+}", "/schedule/{id:[0-9a-f]+}"})
  @Allow(role = Role.ADMIN, scope = Scope.TASK_WRITE)
  Map<String, String> delete(@PathVariable String id, Caller.Member caller) {
    var _ = changes.remove(changes.found(caller, id));
    return Map.of();
  }

  /**
   * {@code PUT …/schedule/{id}/pause} with {@code {until, note}}: nothing is started until then, or
   * until it is resumed. What would have been started meanwhile is not caught up.
   */
  @PutMapping({"/{customer}/schedule/{id}/pause", "/schedule/{id}/pause"})
  @Allow(role = Role.ADMIN, scope = Scope.TASK_WRITE)
  ScheduleView pause(@PathVariable String id, ApiInput input, Caller.Member caller) {
    var fields = FieldReader.of(input.object()).ignoring("customer", "access_token");
    var until = fields.instant("until").orElse(null);
    var note = fields.text("note", 500).orElse(null);
    if (until != null && !until.isAfter(clock.instant())) {
      fields.wrong("until", "in_the_past", "must be in the future.");
    }
    fields.done();
    return changes.view(changes.pause(caller, changes.found(caller, id), until, note));
  }

  /** {@code PUT …/schedule/{id}/resume}: goes on from now. */
  @PutMapping({"/{customer}/schedule/{id}/resume", "/schedule/{id}/resume"})
  @Accepts(body = Accepts.Body.NONE)
  @Allow(role = Role.ADMIN, scope = Scope.TASK_WRITE)
  ScheduleView resume(@PathVariable String id, Caller.Member caller) {
    return changes.view(changes.goOn(changes.found(caller, id), null));
  }

  /**
   * {@code PUT …/schedule/{id}/cursor} with {@code {to}}: goes on from an instant. What has passed
   * since is caught up as {@code missed}, {@code missed_limit} and {@code horizon} say; each
   * instant is started once, also if it was before.
   */
  @PutMapping({"/{customer}/schedule/{id}/cursor", "/schedule/{id}/cursor"})
  @Allow(role = Role.ADMIN, scope = Scope.TASK_WRITE)
  ScheduleView cursor(@PathVariable String id, ApiInput input, Caller.Member caller) {
    return changes.view(changes.goOn(changes.found(caller, id), instant(input, "to")));
  }

  /** {@code PUT …/schedule/{id}/skip} with {@code {at}}: passes over one of the next instants. */
  @PutMapping({"/{customer}/schedule/{id}/skip", "/schedule/{id}/skip"})
  @Allow(role = Role.ADMIN, scope = Scope.TASK_WRITE)
  ScheduleView skip(@PathVariable String id, ApiInput input, Caller.Member caller) {
    return changes.view(changes.skip(changes.found(caller, id), instant(input, "at")));
  }

  private static Instant instant(ApiInput input, String name) {
    var fields = FieldReader.of(input.object()).ignoring("customer", "access_token");
    var instant = fields.instant(name);
    if (instant.isEmpty() && !fields.has(name)) {
      fields.wrong(name, "required", "is required.");
    }
    fields.done();
    return instant.orElseThrow();
  }

  /** {@code GET …/schedule/{id}/next}: the next {@code ?count=50} instants. */
  @GetMapping({"/{customer}/schedule/{id}/next", "/schedule/{id}/next"})
  @Accepts(query = "count")
  @Allow(role = Role.VIEWER, scope = Scope.TASK_READ)
  List<Instant> next(@PathVariable String id, ApiInput input, Caller.Member caller) {
    return changes.next(changes.found(caller, id).schedule().timing(), count(input));
  }

  static int count(ApiInput input) {
    return input
        .queryText("count")
        .map(
            text -> {
              if (!text.matches("[1-9]\\d{0,2}") || Integer.parseInt(text) > MOST_NEXT) {
                throw ApiProblem.badRequest(
                    "wrong_count", "count must be a number from 1 to " + MOST_NEXT + ".");
              }
              return Integer.parseInt(text);
            })
        .orElse(50);
  }

  /**
   * What will be started, or was not.
   *
   * @param name {@code task} or {@code workflow}
   * @param targetId of that task or workflow
   * @param came missing: it is to be started
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record PlannedView(
      Instant at,
      String scheduleId,
      String name,
      String targetId,
      String targetName,
      @Nullable String came,
      @Nullable String reason) {
    static PlannedView of(Found found, Instant at, @Nullable Came came, @Nullable String reason) {
      var target = found.schedule().target();
      return new PlannedView(
          at,
          found.schedule().id(),
          target.kind(),
          target.id(),
          found.what().name(),
          came == null ? null : ScheduleFields.lower(came),
          reason);
    }
  }

  /**
   * {@code GET …/schedule/plan}: what will be started until {@code ?until=}, by default within a
   * day, at most 2,000 starts; those that are to be passed over are {@code skipped}.
   */
  @GetMapping({"/{customer}/schedule/plan", "/schedule/plan"})
  @Accepts(query = "until")
  @Allow(role = Role.VIEWER, scope = Scope.TASK_READ)
  List<PlannedView> plan(ApiInput input, Caller.Member caller) {
    var now = clock.instant();
    var until = asked(input, "until", now.plus(Duration.ofDays(1)));
    if (until.isAfter(now.plus(LONGEST_PLAN))) {
      throw ApiProblem.badRequest("too_far", "until must be within 31 days.");
    }
    return schedules.nextUntil(caller.organization(), until, MOST_PLANNED).stream()
        .filter(schedule -> schedule.course().pause() == null)
        .flatMap(schedule -> changes.shown(caller, schedule).stream())
        .flatMap(found -> planned(found, until))
        .sorted(Comparator.comparing(PlannedView::at).thenComparing(PlannedView::scheduleId))
        .limit(MOST_PLANNED)
        .toList();
  }

  private static Stream<PlannedView> planned(Found found, Instant until) {
    var course = found.schedule().course();
    var instants = new ArrayList<Instant>();
    var next = Optional.ofNullable(course.next());
    while (next.filter(at -> !at.isAfter(until)).isPresent() && instants.size() < MOST_PLANNED) {
      instants.add(next.get());
      next = found.schedule().timing().next(next.get());
    }
    return instants.stream()
        .map(
            at ->
                course.skips().contains(at)
                    ? PlannedView.of(found, at, Came.SKIPPED, "It is to be passed over.")
                    : PlannedView.of(found, at, null, null));
  }

  /**
   * {@code GET …/schedule/missed}: what should have been started since {@code ?since=}, by default
   * within the last day, and was not, newest first, at most 2,000.
   */
  @GetMapping({"/{customer}/schedule/missed", "/schedule/missed"})
  @Accepts(query = "since")
  @Allow(role = Role.VIEWER, scope = Scope.TASK_READ)
  List<PlannedView> missed(ApiInput input, Caller.Member caller) {
    var since = asked(input, "since", clock.instant().minus(Duration.ofDays(1)));
    return schedules.withTicksSince(caller.organization(), since, MOST_PLANNED).stream()
        .flatMap(schedule -> changes.shown(caller, schedule).stream())
        .flatMap(found -> notStarted(found, since))
        .sorted(Comparator.comparing(PlannedView::at).reversed())
        .limit(MOST_PLANNED)
        .toList();
  }

  private static Stream<PlannedView> notStarted(Found found, Instant since) {
    return found.schedule().course().recent().stream()
        .filter(tick -> tick.came() != Came.STARTED && !tick.at().isBefore(since))
        .map(tick -> PlannedView.of(found, tick.at(), tick.came(), tick.reason()));
  }

  private static Instant asked(ApiInput input, String name, Instant usual) {
    return input
        .queryText(name)
        .map(
            text ->
                Instants.read(text)
                    .orElseThrow(
                        () -> ApiProblem.badRequest("wrong_form", name + " " + Instants.FORM)))
        .orElse(usual);
  }
}
