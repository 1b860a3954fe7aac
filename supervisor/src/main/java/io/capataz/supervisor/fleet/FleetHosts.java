package io.capataz.supervisor.fleet;

import static io.capataz.supervisor.runtime.MongoRetry.idempotent;

import io.capataz.supervisor.fleet.FleetHost.Attempt;
import io.capataz.supervisor.fleet.FleetRun.Grant;
import io.capataz.supervisor.listing.Listing;
import io.capataz.supervisor.listing.Pages;
import io.capataz.supervisor.runtime.Indexed;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.data.core.TypedPropertyPath;
import org.springframework.data.domain.Sort;
import org.springframework.data.mongodb.core.FindAndModifyOptions;
import org.springframework.data.mongodb.core.MongoOperations;
import org.springframework.data.mongodb.core.aggregation.Aggregation;
import org.springframework.data.mongodb.core.index.Index;
import org.springframework.data.mongodb.core.query.Criteria;
import org.springframework.data.mongodb.core.query.Query;
import org.springframework.data.mongodb.core.query.Update;
import org.springframework.stereotype.Repository;

/** The hosts of all fleet runs. */
@Repository
class FleetHosts implements Indexed {

  private static final int BATCH = 1_000;

  private static final TypedPropertyPath<FleetHost, Integer> NUMBER =
      TypedPropertyPath.of(FleetHost::attempt).then(Attempt::number);
  private static final TypedPropertyPath<FleetHost, Instant> BEGUN =
      TypedPropertyPath.of(FleetHost::attempt).then(Attempt::begun);
  private static final TypedPropertyPath<FleetHost, Boolean> RECALLED =
      TypedPropertyPath.of(FleetHost::attempt).then(Attempt::recalled);

  private static final FindAndModifyOptions NEW = FindAndModifyOptions.options().returnNew(true);

  private final MongoOperations mongo;

  FleetHosts(MongoOperations mongo) {
    this.mongo = mongo;
  }

  @Override
  public Class<?> indexedType() {
    return FleetHost.class;
  }

  @Override
  public List<Index> indexes() {
    return List.of(
        // The next ones of a run, and how many are at a stage.
        new Index()
            .on(FleetHost::run, Sort.Direction.ASC)
            .on(FleetHost::stage, Sort.Direction.ASC)
            .on(FleetHost::place, Sort.Direction.ASC),
        // All of a run, in their order.
        new Index()
            .on(FleetHost::run, Sort.Direction.ASC)
            .on(FleetHost::place, Sort.Direction.ASC)
            .on(FleetHost::id, Sort.Direction.ASC));
  }

  /** Stores the hosts of a run that is new. */
  void add(List<FleetHost> hosts) {
    for (var from = 0; from < hosts.size(); from += BATCH) {
      mongo.insert(hosts.subList(from, Math.min(from + BATCH, hosts.size())), FleetHost.class);
    }
  }

  void removeOf(String run) {
    var _ =
        idempotent(
            () ->
                mongo.remove(Query.query(Criteria.where(FleetHost::run).is(run)), FleetHost.class));
  }

  private static Criteria at(String run, Stage stage) {
    return Criteria.where(FleetHost::run).is(run).and(FleetHost::stage).is(stage);
  }

  private List<FleetHost> find(Criteria which, int limit) {
    var query = Query.query(which).with(Sort.by(FleetHost::place)).limit(limit);
    return idempotent(() -> mongo.find(query, FleetHost.class));
  }

  /** Some of those at a stage, in their order, from a place on. */
  List<FleetHost> from(String run, Stage stage, int place, int limit) {
    return find(at(run, stage).and(FleetHost::place).gte(place), limit);
  }

  /** The first ones whose turn it is, before a place. */
  List<FleetHost> next(String run, int end, int limit) {
    return find(at(run, Stage.TO_COME).and(FleetHost::place).lt(end), limit);
  }

  /** Some of those that have been under way since before an instant. */
  List<FleetHost> begunBefore(String run, Instant before, int limit) {
    return find(at(run, Stage.RUNNING).and(BEGUN).lt(before), limit);
  }

  /** How many are at a stage, counted up to a limit. */
  int count(String run, Stage stage, int limit) {
    var query = Query.query(at(run, stage)).limit(limit);
    return (int) (long) idempotent(() -> mongo.count(query, FleetHost.class));
  }

  /** Whether one before a place is at a stage. */
  boolean isAnyBefore(String run, Stage stage, int end) {
    var query = Query.query(at(run, stage).and(FleetHost::place).lt(end));
    return idempotent(() -> mongo.exists(query, FleetHost.class));
  }

  boolean isAny(String run, Stage stage) {
    return idempotent(() -> mongo.exists(Query.query(at(run, stage)), FleetHost.class));
  }

  Optional<FleetHost> find(String run, String host) {
    return found(FleetHost.idOf(run, host));
  }

  private Optional<FleetHost> found(String id) {
    return idempotent(() -> Optional.ofNullable(mongo.findById(id, FleetHost.class)));
  }

  /** The host of that name. */
  Optional<FleetHost> named(String run, String name) {
    var which = Criteria.where(FleetHost::run).is(run).and(FleetHost::name).is(name);
    return idempotent(
        () -> Optional.ofNullable(mongo.findOne(Query.query(which), FleetHost.class)));
  }

  /** Does what was decided about a host, unless that was done; the host as it is now. */
  Optional<FleetHost> make(Grant grant, Instant now) {
    var update = new Update().set(FleetHost::stage, grant.stage());
    set(update, "reason", grant.reason());
    if (grant.stage() == Stage.RUNNING) {
      var job = FleetHost.jobOf(grant.member(), grant.number());
      update.set(FleetHost::attempt, new Attempt(grant.number(), job, now, false));
    } else if (grant.stage() != Stage.OFF) {
      update.set(FleetHost::ended, now);
    }
    var waiting =
        Criteria.where(FleetHost::id)
            .is(grant.member())
            .and(FleetHost::stage)
            .in(Stage.TO_COME, Stage.OFF)
            .and(NUMBER)
            .is(grant.number());
    return change(waiting, update).or(() -> found(grant.member()));
  }

  /** It is under way no more; empty if that was noted before. */
  Optional<FleetHost> ended(FleetHost host, Stage stage, @Nullable String reason, Instant now) {
    var running =
        Criteria.where(FleetHost::id)
            .is(host.id())
            .and(FleetHost::stage)
            .is(Stage.RUNNING)
            .and(NUMBER)
            .is(host.attempt().number());
    var update = new Update().set(FleetHost::stage, stage);
    set(update, "reason", reason);
    return change(
        running,
        stage == Stage.TO_COME
            ? update.set(FleetHost::attempt, Attempt.of(host.attempt().number() + 1))
            : update.set(FleetHost::ended, now));
  }

  /** Notes that the job of a host is to be taken back. */
  void recall(FleetHost host) {
    var running =
        Criteria.where(FleetHost::id)
            .is(host.id())
            .and(FleetHost::stage)
            .is(Stage.RUNNING)
            .and(NUMBER)
            .is(host.attempt().number());
    var _ = change(running, new Update().set(RECALLED, true));
  }

  /** Nothing is run on it, unless it is under way or has succeeded. */
  Optional<FleetHost> skip(FleetHost host, String reason, Instant now) {
    var open =
        Criteria.where(FleetHost::id)
            .is(host.id())
            .and(FleetHost::stage)
            .in(Stage.TO_COME, Stage.OFF, Stage.FAILED);
    return change(
        open,
        new Update()
            .set(FleetHost::stage, Stage.SKIPPED)
            .set(FleetHost::reason, reason)
            .set(FleetHost::ended, now));
  }

  /** Another attempt is to come on a host that has failed, or whose job was canceled. */
  Optional<FleetHost> again(FleetHost host) {
    var failed =
        Criteria.where(FleetHost::id)
            .is(host.id())
            .and(FleetHost::stage)
            .in(Stage.FAILED, Stage.CANCELED)
            .and(NUMBER)
            .is(host.attempt().number());
    return change(
        failed,
        new Update()
            .set(FleetHost::stage, Stage.TO_COME)
            .set(FleetHost::attempt, Attempt.of(host.attempt().number() + 1))
            .unset("reason")
            .unset("ended"));
  }

  /** Ends the turns of all that have not begun and are at one of these stages. */
  void end(String run, Collection<Stage> from, Stage to, String reason, Instant now) {
    var which = Criteria.where(FleetHost::run).is(run).and(FleetHost::stage).in(from);
    var update =
        new Update()
            .set(FleetHost::stage, to)
            .set(FleetHost::reason, reason)
            .set(FleetHost::ended, now);
    var _ = idempotent(() -> mongo.updateMulti(Query.query(which), update, FleetHost.class));
  }

  /** Of a wave and a stage, how many hosts there are. */
  record Total(Key id, int count) {
    /** Which. */
    record Key(int wave, Stage stage) {}
  }

  /** How many hosts there are in each wave at each stage. */
  List<Total> totals(String run) {
    return mongo
        .aggregate(
            Aggregation.newAggregation(
                Aggregation.match(Criteria.where("run").is(run)),
                Aggregation.group("wave", "stage").count().as("count")),
            FleetHost.class,
            Total.class)
        .getMappedResults();
  }

  /** All hosts of a run, in their order. */
  List<FleetHost> all(String run) {
    return find(Criteria.where(FleetHost::run).is(run), FleetFields.MOST_HOSTS);
  }

  /** The hosts of a run that match the request. */
  Listing.Page<FleetHost> list(String run, Listing<FleetHost> asked) {
    var which = Criteria.where("run").is(run);
    var stages = asked.filterAll("state").stream().map(FleetHosts::stage).toList();
    if (!stages.isEmpty()) {
      which.and("stage").in(stages);
    }
    return Pages.find(mongo, FleetHost.class, which, asked, FleetHost::id);
  }

  private static Stage stage(String word) {
    for (var stage : Stage.values()) {
      if (stage.word().equals(word)) {
        return stage;
      }
    }
    throw FleetFields.unknownState();
  }

  private static void set(Update update, String field, @Nullable Object value) {
    if (value == null) {
      update.unset(field);
    } else {
      update.set(field, value);
    }
  }

  private Optional<FleetHost> change(Criteria which, Update update) {
    return idempotent(
        () ->
            Optional.ofNullable(
                mongo.findAndModify(Query.query(which), update, NEW, FleetHost.class)));
  }
}
