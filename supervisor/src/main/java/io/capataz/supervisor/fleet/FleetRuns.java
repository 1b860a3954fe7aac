package io.capataz.supervisor.fleet;

import static io.capataz.supervisor.runtime.MongoRetry.idempotent;

import io.capataz.common.protocol.MessageJson;
import io.capataz.supervisor.access.Acl;
import io.capataz.supervisor.access.Caller;
import io.capataz.supervisor.fleet.FleetRun.Asked;
import io.capataz.supervisor.fleet.FleetRun.Course;
import io.capataz.supervisor.fleet.FleetRun.Note;
import io.capataz.supervisor.job.OpenRuns;
import io.capataz.supervisor.listing.Listing;
import io.capataz.supervisor.listing.Pages;
import io.capataz.supervisor.runtime.Indexed;
import io.capataz.supervisor.vault.Vault;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.data.annotation.Id;
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

/** All fleet runs. */
@Repository
class FleetRuns implements Indexed, OpenRuns {

  /** How many things that happened to a run are remembered. */
  private static final int REMEMBERED = 100;

  /** As many as a filter can name. */
  private static final int MOST_OPEN = 50_000;

  static final TypedPropertyPath<FleetRun, Instant> CHECK_AT =
      TypedPropertyPath.of(FleetRun::course).then(Course::checkAt);
  static final TypedPropertyPath<FleetRun, Instant> CLOSED =
      TypedPropertyPath.of(FleetRun::course).then(Course::closed);
  private static final TypedPropertyPath<FleetRun, Boolean> FROZEN =
      TypedPropertyPath.of(FleetRun::course).then(Course::frozen);
  private static final TypedPropertyPath<FleetRun, Long> REV =
      TypedPropertyPath.of(FleetRun::course).then(Course::rev);
  private static final TypedPropertyPath<FleetRun, String> REPEATS =
      TypedPropertyPath.of(FleetRun::asked).then(Asked::repeats);
  private static final TypedPropertyPath<FleetRun, Instant> REPEATED =
      TypedPropertyPath.of(FleetRun::asked).then(Asked::repeated);
  private static final TypedPropertyPath<FleetRun, List<Note>> NOTES =
      TypedPropertyPath.of(FleetRun::course).then(Course::notes);

  private static final FindAndModifyOptions NEW = FindAndModifyOptions.options().returnNew(true);

  private final MongoOperations mongo;
  private final Vault vault;
  private final InstantSource clock;

  FleetRuns(MongoOperations mongo, Vault vault, InstantSource clock) {
    this.mongo = mongo;
    this.vault = vault;
    this.clock = clock;
  }

  @Override
  public Class<?> indexedType() {
    return FleetRun.class;
  }

  @Override
  public List<Index> indexes() {
    return List.of(
        new Index().on(CHECK_AT, Sort.Direction.ASC).sparse(),
        new Index().on(CLOSED, Sort.Direction.ASC).sparse(),
        new Index().on(FleetRun::task, Sort.Direction.ASC).on(FleetRun::id, Sort.Direction.DESC),
        new Index()
            .on(FleetRun::organization, Sort.Direction.ASC)
            .on(FleetRun::id, Sort.Direction.DESC));
  }

  /** The arguments of a run as they are stored. */
  String sealed(String organization, String id, List<JsonNode> arguments) {
    return vault.sealText(
        place(organization, id), MessageJson.mapper().writeValueAsString(arguments));
  }

  /** What each job of a run is given. */
  List<JsonNode> arguments(FleetRun run) {
    var text = vault.openText(place(run.organization(), run.id()), run.arguments());
    return ((ArrayNode) MessageJson.mapper().readTree(text)).valueStream().toList();
  }

  private static String place(String organization, String id) {
    return Vault.context(organization, "fleet", id, "arguments");
  }

  /** Stores a run whose hosts are not stored yet; false if there is one of that id. */
  boolean add(FleetRun run) {
    try {
      var _ = mongo.insert(run);
      return true;
    } catch (DuplicateKeyException there) {
      return false;
    }
  }

  /** All its hosts are stored: it begins. Empty if it was given up meanwhile. */
  Optional<FleetRun> freeze(FleetRun run, Note note) {
    var update = noting(new Update().set(FROZEN, true).set(CHECK_AT, clock.instant()), note);
    return change(unfrozen(run), update.inc(REV, 1));
  }

  /** Whoever was to store its hosts has died, and nobody was told of it: there is no such run. */
  boolean giveUp(FleetRun run) {
    return idempotent(() -> mongo.remove(Query.query(unfrozen(run)), FleetRun.class))
            .getDeletedCount()
        > 0;
  }

  private static Criteria unfrozen(FleetRun run) {
    return Criteria.where(FleetRun::id).is(run.id()).and(FROZEN).is(false);
  }

  /** How many runs of the organization are open, counted up to a limit. */
  int countOpen(String organization, int limit) {
    var open = Criteria.where(CHECK_AT).exists(true).and(FleetRun::organization).is(organization);
    return (int)
        (long) idempotent(() -> mongo.count(Query.query(open).limit(limit), FleetRun.class));
  }

  Optional<FleetRun> find(String id) {
    return idempotent(() -> Optional.ofNullable(mongo.findById(id, FleetRun.class)));
  }

  /** The run, if it has begun and the member may see it. */
  Optional<FleetRun> visible(Caller.Member member, String id) {
    return find(id)
        .filter(run -> run.course().frozen())
        .filter(run -> run.organization().equals(member.organization()))
        .filter(run -> run.acl().admits(member));
  }

  /**
   * The runs that the member may see.
   *
   * @param task of this task; null: of any
   */
  Listing.Page<FleetRun> list(
      Caller.Member member, @Nullable String task, Listing<FleetRun> asked) {
    var which = Acl.visibleTo(member).and(FROZEN).is(true);
    if (task != null) {
      which.and("task").is(task);
    }
    return Pages.find(mongo, FleetRun.class, which, asked, FleetRun::id);
  }

  /**
   * Changes a run, unless somebody has decided something since it was read.
   *
   * @param note what happens; null: nothing that people want to know
   */
  Optional<FleetRun> decide(FleetRun read, Update update, @Nullable Note note) {
    var asRead = Criteria.where(FleetRun::id).is(read.id()).and(REV).is(read.course().rev());
    return change(asRead, (note == null ? update : noting(update, note)).inc(REV, 1));
  }

  private static Update noting(Update update, Note note) {
    return update.push(NOTES).slice(-REMEMBERED).each(note);
  }

  Note note(String what, String by, @Nullable String detail) {
    return new Note(clock.instant(), what, by, detail);
  }

  /** Has a sweep look at it then, if it is open. */
  void lookAt(String run, Instant at) {
    var open = Criteria.where(FleetRun::id).is(run).and(CLOSED).isNull();
    var _ =
        idempotent(
            () ->
                mongo.updateFirst(
                    Query.query(open), new Update().set(CHECK_AT, at), FleetRun.class));
  }

  /** Runs at which a sweep has to look. */
  List<FleetRun> due(int limit) {
    return mongo.find(
        Query.query(Criteria.where(CHECK_AT).lte(clock.instant()))
            .with(Sort.by(CHECK_AT))
            .limit(limit),
        FleetRun.class);
  }

  /** Some that ended before an instant. */
  List<FleetRun> closedBefore(Instant before, int limit) {
    return mongo.find(
        Query.query(Criteria.where(CLOSED).lt(before)).with(Sort.by(CLOSED)).limit(limit),
        FleetRun.class);
  }

  /** Some of a task's runs, newest first, after the newest ones. */
  List<FleetRun> beyond(String task, int kept, int limit) {
    return mongo.find(
        Query.query(Criteria.where(FleetRun::task).is(task))
            .with(Sort.by(Sort.Direction.DESC, "id"))
            .skip(kept)
            .limit(limit),
        FleetRun.class);
  }

  /** Some of the open runs that repeat a run, newest first. */
  List<FleetRun> openOf(FleetRun repeated, int limit) {
    var open =
        Criteria.where(FleetRun::task)
            .is(repeated.task())
            .and(REPEATS)
            .is(repeated.id())
            .and(CLOSED)
            .isNull();
    var query = Query.query(open).with(Sort.by(Sort.Direction.DESC, "id")).limit(limit);
    return idempotent(() -> mongo.find(query, FleetRun.class));
  }

  /** Notes that a run is repeated, so that it is not removed while it is. */
  void repeated(FleetRun run) {
    var which = Query.query(Criteria.where(FleetRun::id).is(run.id()));
    var update = new Update().set(REPEATED, clock.instant());
    var _ = idempotent(() -> mongo.updateFirst(which, update, FleetRun.class));
  }

  void remove(String run) {
    var _ =
        idempotent(
            () -> mongo.remove(Query.query(Criteria.where(FleetRun::id).is(run)), FleetRun.class));
  }

  /** Of each open run its id alone. */
  private record OpenRun(@Id String id) {}

  @Override
  public List<String> openRuns() {
    var query = Query.query(Criteria.where(CHECK_AT).exists(true)).limit(MOST_OPEN);
    query.fields().include("_id");
    return mongo.find(query, OpenRun.class, mongo.getCollectionName(FleetRun.class)).stream()
        .map(OpenRun::id)
        .toList();
  }

  private Optional<FleetRun> change(Criteria which, Update update) {
    return idempotent(
        () ->
            Optional.ofNullable(
                mongo.findAndModify(Query.query(which), update, NEW, FleetRun.class)));
  }
}
