package io.capataz.supervisor.schedule;

import static io.capataz.supervisor.runtime.MongoRetry.idempotent;

import io.capataz.common.protocol.MessageJson;
import io.capataz.supervisor.listing.Listing;
import io.capataz.supervisor.listing.Pages;
import io.capataz.supervisor.runtime.Indexed;
import io.capataz.supervisor.schedule.Schedule.Course;
import io.capataz.supervisor.schedule.Schedule.Pause;
import io.capataz.supervisor.schedule.Schedule.Target;
import io.capataz.supervisor.schedule.Schedule.Tick;
import io.capataz.supervisor.vault.Vault;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.data.core.TypedPropertyPath;
import org.springframework.data.domain.Sort;
import org.springframework.data.mongodb.core.FindAndModifyOptions;
import org.springframework.data.mongodb.core.MongoOperations;
import org.springframework.data.mongodb.core.index.Index;
import org.springframework.data.mongodb.core.query.Criteria;
import org.springframework.data.mongodb.core.query.Query;
import org.springframework.data.mongodb.core.query.Update;
import org.springframework.stereotype.Repository;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;

/** All schedules. */
@Repository
class Schedules implements Indexed {

  private static final TypedPropertyPath<Schedule, Instant> NEXT =
      TypedPropertyPath.of(Schedule::course).then(Course::next);
  private static final TypedPropertyPath<Schedule, Instant> DUE =
      TypedPropertyPath.of(Schedule::course).then(Course::due);
  private static final TypedPropertyPath<Schedule, Pause> PAUSE =
      TypedPropertyPath.of(Schedule::course).then(Course::pause);
  private static final TypedPropertyPath<Schedule, List<Instant>> SKIPS =
      TypedPropertyPath.of(Schedule::course).then(Course::skips);
  private static final TypedPropertyPath<Schedule, Instant> LAST =
      TypedPropertyPath.of(Schedule::course).then(Course::last);
  private static final TypedPropertyPath<Schedule, List<Tick>> RECENT =
      TypedPropertyPath.of(Schedule::course).then(Course::recent);
  private static final TypedPropertyPath<Schedule, String> TARGET =
      TypedPropertyPath.of(Schedule::target).then(Target::id);
  private static final TypedPropertyPath<Schedule, Integer> VERSION =
      TypedPropertyPath.of(Schedule::revision).then(Schedule.Revision::version);

  private static final FindAndModifyOptions NEW = FindAndModifyOptions.options().returnNew(true);

  private final MongoOperations mongo;
  private final Vault vault;
  private final InstantSource clock;

  Schedules(MongoOperations mongo, Vault vault, InstantSource clock) {
    this.mongo = mongo;
    this.vault = vault;
    this.clock = clock;
  }

  @Override
  public Class<?> indexedType() {
    return Schedule.class;
  }

  @Override
  public List<Index> indexes() {
    return List.of(
        new Index().on(DUE, Sort.Direction.ASC).sparse(),
        new Index().on(TARGET, Sort.Direction.ASC),
        new Index()
            .on(Schedule::organization, Sort.Direction.ASC)
            .on(Schedule::id, Sort.Direction.ASC));
  }

  /** The arguments of a schedule as they are stored. */
  String sealed(String organization, String id, List<JsonNode> arguments) {
    return vault.sealText(
        place(organization, id), MessageJson.mapper().writeValueAsString(arguments));
  }

  /** What each start is given. */
  List<JsonNode> arguments(Schedule schedule) {
    var text = vault.openText(place(schedule.organization(), schedule.id()), schedule.arguments());
    return ((ArrayNode) MessageJson.mapper().readTree(text)).valueStream().toList();
  }

  private static String place(String organization, String id) {
    return Vault.context(organization, "schedule", id, "arguments");
  }

  Schedule add(Schedule schedule) {
    return idempotent(() -> mongo.save(schedule));
  }

  Optional<Schedule> find(String organization, String id) {
    return idempotent(() -> Optional.ofNullable(mongo.findById(id, Schedule.class)))
        .filter(schedule -> schedule.organization().equals(organization));
  }

  /** The schedules of a task or a workflow, oldest first. */
  List<Schedule> of(String organization, String target) {
    var which = Criteria.where(TARGET).is(target).and(Schedule::organization).is(organization);
    return idempotent(
        () -> mongo.find(Query.query(which).with(Sort.by(Schedule::id)), Schedule.class));
  }

  Listing.Page<Schedule> list(String organization, Listing<Schedule> asked) {
    var which = Criteria.where(Schedule::organization).is(organization);
    return Pages.find(mongo, Schedule.class, which, asked, Schedule::id);
  }

  /** The organization's schedules whose next instant is at most that late. */
  List<Schedule> nextUntil(String organization, Instant until, int limit) {
    var which = Criteria.where(Schedule::organization).is(organization).and(NEXT).lte(until);
    return idempotent(
        () -> mongo.find(Query.query(which).with(Sort.by(NEXT)).limit(limit), Schedule.class));
  }

  /** Those of the organization that remember an instant since then. */
  List<Schedule> withTicksSince(String organization, Instant since, int limit) {
    var which =
        Criteria.where(Schedule::organization)
            .is(organization)
            .and(RECENT.toDotPath() + ".at")
            .gte(since);
    return idempotent(() -> mongo.find(Query.query(which).limit(limit), Schedule.class));
  }

  /** How many schedules the organization has, counted up to a limit. */
  long count(String organization, int limit) {
    var which = Query.query(Criteria.where(Schedule::organization).is(organization));
    return idempotent(() -> mongo.count(which.limit(limit), Schedule.class));
  }

  /** Those at which a supervisor has to look. */
  List<Schedule> due(int limit) {
    return mongo.find(
        Query.query(Criteria.where(DUE).lte(clock.instant())).with(Sort.by(DUE)).limit(limit),
        Schedule.class);
  }

  /** Replaces the definition of a schedule; empty after a concurrent change. */
  Optional<Schedule> replace(Schedule schedule, Schedule by) {
    var course = by.course();
    var update =
        new Update()
            .set("timing", by.timing())
            .set("arguments", by.arguments())
            .set("policy", by.policy())
            .set("revision", by.revision())
            .set(SKIPS, List.of());
    set(update, "description", by.description());
    return change(asOf(schedule), move(update, course.next(), course.pause()));
  }

  /** Notes what came of its last instants, unless another supervisor has done it. */
  Optional<Schedule> advance(Schedule schedule, @Nullable Instant next, List<Tick> ticks) {
    var now = clock.instant();
    var update = move(new Update(), next, null);
    if (!ticks.isEmpty()) {
      update.push(RECENT).slice(-Schedule.REMEMBERED).each(ticks.toArray());
      ticks.stream()
          .filter(tick -> tick.start() != null)
          .reduce((_, last) -> last)
          .ifPresent(started -> update.set(LAST, started.at()));
    }
    update.set(SKIPS, schedule.course().skips().stream().filter(now::isBefore).toList());
    return change(asSeen(schedule), update);
  }

  /** Has a supervisor look at it later: what was to be started could not be, for now. */
  void later(Schedule schedule, Instant at) {
    var _ = change(asSeen(schedule), new Update().set(DUE, at));
  }

  Optional<Schedule> pause(Schedule schedule, Pause pause) {
    return change(asOf(schedule), move(new Update(), schedule.course().next(), pause));
  }

  /** Goes on after a pause that has an end. */
  void resumed(Schedule schedule, @Nullable Instant next) {
    var _ = change(asSeen(schedule), move(new Update(), next, null));
  }

  /** Goes on, from another place. */
  Optional<Schedule> goOn(Schedule schedule, @Nullable Instant next) {
    return change(asOf(schedule), move(new Update(), next, null));
  }

  Optional<Schedule> skip(Schedule schedule, List<Instant> skips) {
    return change(asOf(schedule), new Update().set(SKIPS, skips));
  }

  /** Returns whether it existed. */
  boolean remove(Schedule schedule) {
    var which = Criteria.where(Schedule::id).is(schedule.id());
    return idempotent(() -> mongo.remove(Query.query(which), Schedule.class)).getDeletedCount() > 0;
  }

  private static Criteria asOf(Schedule schedule) {
    return Criteria.where(Schedule::id)
        .is(schedule.id())
        .and(VERSION)
        .is(schedule.revision().version());
  }

  /** Unless somebody has paused it, or another supervisor has moved it on, meanwhile. */
  private static Criteria asSeen(Schedule schedule) {
    return asOf(schedule)
        .and(NEXT)
        .is(schedule.course().next())
        .and(DUE)
        .is(schedule.course().due());
  }

  /** A paused one is looked at when the pause ends; one that has nothing before it, never. */
  private static Update move(Update update, @Nullable Instant next, @Nullable Pause pause) {
    set(update, PAUSE.toDotPath(), pause);
    set(update, NEXT.toDotPath(), next);
    set(update, DUE.toDotPath(), pause == null ? next : next == null ? null : pause.until());
    return update;
  }

  private static void set(Update update, String field, @Nullable Object value) {
    if (value == null) {
      update.unset(field);
    } else {
      update.set(field, value);
    }
  }

  private Optional<Schedule> change(Criteria which, Update update) {
    return idempotent(
        () ->
            Optional.ofNullable(
                mongo.findAndModify(Query.query(which), update, NEW, Schedule.class)));
  }
}
