package io.capataz.supervisor.indicator;

import static io.capataz.supervisor.runtime.MongoRetry.idempotent;

import io.capataz.supervisor.access.Acl;
import io.capataz.supervisor.access.AclUses;
import io.capataz.supervisor.access.Caller;
import io.capataz.supervisor.indicator.Indicator.Pending;
import io.capataz.supervisor.indicator.Indicator.Revision;
import io.capataz.supervisor.listing.Listing;
import io.capataz.supervisor.listing.Pages;
import io.capataz.supervisor.runtime.Indexed;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.data.core.TypedPropertyPath;
import org.springframework.data.domain.Sort;
import org.springframework.data.mongodb.core.FindAndModifyOptions;
import org.springframework.data.mongodb.core.MongoOperations;
import org.springframework.data.mongodb.core.index.Index;
import org.springframework.data.mongodb.core.query.Criteria;
import org.springframework.data.mongodb.core.query.Query;
import org.springframework.data.mongodb.core.query.Update;
import org.springframework.stereotype.Repository;

/** All indicators. */
@Repository
class Indicators implements Indexed, AclUses {

  /** Until when whoever changed an indicator starts what follows; after that a sweep does. */
  static final Duration FAST_WAY = Duration.ofSeconds(10);

  private static final int MOST_PENDING = 100;

  private static final TypedPropertyPath<Indicator, Long> VERSION =
      TypedPropertyPath.of(Indicator::revision).then(Revision::version);

  private static final FindAndModifyOptions NEW = FindAndModifyOptions.options().returnNew(true);

  private final MongoOperations mongo;
  private final InstantSource clock;

  Indicators(MongoOperations mongo, InstantSource clock) {
    this.mongo = mongo;
    this.clock = clock;
  }

  @Override
  public Class<?> indexedType() {
    return Indicator.class;
  }

  @Override
  public List<Index> indexes() {
    return List.of(
        new Index()
            .on(Indicator::organization, Sort.Direction.ASC)
            .on(Indicator::title, Sort.Direction.ASC)
            .unique(),
        new Index().on("pendingAt", Sort.Direction.ASC).sparse());
  }

  /** Stores an indicator; false if the organization has one of that title. */
  boolean add(Indicator indicator) {
    return idempotent(
        () -> {
          try {
            mongo.insert(indicator);
            return true;
          } catch (DuplicateKeyException there) {
            return find(indicator.organization(), indicator.id()).isPresent();
          }
        });
  }

  Optional<Indicator> find(String organization, String id) {
    return idempotent(
        () -> Optional.ofNullable(mongo.findOne(owned(organization, id), Indicator.class)));
  }

  /** The indicator with that id, if the member may see it. */
  Optional<Indicator> visible(Caller.Member member, String id) {
    return find(member.organization(), id).filter(it -> it.acl().admits(member));
  }

  /** The indicator with that title, if the member may see it. */
  Optional<Indicator> titled(Caller.Member member, String title) {
    return titled(member.organization(), title).filter(it -> it.acl().admits(member));
  }

  private Optional<Indicator> titled(String organization, String title) {
    var which =
        Criteria.where(Indicator::organization).is(organization).and(Indicator::title).is(title);
    return idempotent(
        () -> Optional.ofNullable(mongo.findOne(Query.query(which), Indicator.class)));
  }

  /** How many the organization has, counted up to a limit. */
  long count(String organization, int limit) {
    var which = Query.query(Criteria.where(Indicator::organization).is(organization));
    return idempotent(() -> mongo.count(which.limit(limit), Indicator.class));
  }

  Listing.Page<Indicator> list(Caller.Member member, Listing<Indicator> asked) {
    var which = Acl.visibleTo(member);
    asked.filters().forEach((name, values) -> which.and(stored(name)).in(values));
    return Pages.find(mongo, Indicator.class, which, asked, Indicator::id);
  }

  private static String stored(String filter) {
    return filter.equals("tags") ? "looks.tags" : filter;
  }

  /** Some of those that the member may see, by id, after one of them. */
  List<Indicator> visible(Caller.Member member, @Nullable String after, int limit) {
    var which = Acl.visibleTo(member);
    var query =
        Query.query(after == null ? which : which.and(Indicator::id).gt(after))
            .with(Sort.by(Indicator::id))
            .limit(limit);
    return mongo.find(query, Indicator.class);
  }

  /** Another indicator has the title. */
  static final class TitleTaken extends Exception {
    private static final long serialVersionUID = 1L;
  }

  /**
   * Changes an indicator, unless somebody has changed it since it was read.
   *
   * @param read as it was read
   * @param next what it is to be
   * @param events what has happened by that
   */
  Optional<Indicator> change(Indicator read, Indicator next, List<Pending> events)
      throws TitleTaken {
    var asRead =
        Criteria.where(Indicator::id)
            .is(read.id())
            .and(Indicator::organization)
            .is(read.organization())
            .and(VERSION)
            .is(read.revision().version());
    var update = update(next, events);
    try {
      return idempotent(
          () ->
              Optional.ofNullable(
                  mongo.findAndModify(Query.query(asRead), update, NEW, Indicator.class)));
    } catch (DuplicateKeyException taken) {
      throw new TitleTaken();
    }
  }

  private Update update(Indicator next, List<Pending> events) {
    var update =
        new Update()
            .set(Indicator::title, next.title())
            .set(Indicator::kind, next.kind())
            .set(Indicator::state, next.state())
            .set(Indicator::severity, next.severity())
            .set(Indicator::acl, next.acl())
            .set(Indicator::looks, next.looks())
            .set(Indicator::revision, next.revision());
    if (next.value() == null) {
      update.unset("value");
    } else {
      update.set("value", next.value());
    }
    if (!events.isEmpty()) {
      update.push("pending").slice(-MOST_PENDING).each(events.toArray());
      update.set("pendingAt", clock.instant().plus(FAST_WAY));
    }
    return update;
  }

  /** What follows from an event was started. */
  void started(Indicator indicator, Pending event) {
    var which = owned(indicator.organization(), indicator.id());
    var pulled = new Update().pull("pending", new org.bson.Document("source", event.source()));
    var now = idempotent(() -> mongo.findAndModify(which, pulled, NEW, Indicator.class));
    if (now != null && now.pending().isEmpty()) {
      var nothing =
          Query.query(
              Criteria.where(Indicator::id)
                  .is(indicator.id())
                  .and(VERSION)
                  .is(now.revision().version()));
      var _ =
          idempotent(
              () -> mongo.updateFirst(nothing, new Update().unset("pendingAt"), Indicator.class));
    }
  }

  /** What follows has to wait. */
  void later(Indicator indicator, Instant at) {
    var which = owned(indicator.organization(), indicator.id());
    var later = new Update().set("pendingAt", at);
    var _ = idempotent(() -> mongo.updateFirst(which, later, Indicator.class));
  }

  /** Those with events that nobody saw after. */
  List<Indicator> overdue(int limit) {
    return mongo.find(
        Query.query(Criteria.where("pendingAt").lte(clock.instant()))
            .with(Sort.by("pendingAt"))
            .limit(limit),
        Indicator.class);
  }

  void remove(Indicator indicator) {
    var which = owned(indicator.organization(), indicator.id());
    var _ = idempotent(() -> mongo.remove(which, Indicator.class));
  }

  private static Query owned(String organization, String id) {
    return Query.query(
        Criteria.where(Indicator::id).is(id).and(Indicator::organization).is(organization));
  }

  @Override
  public boolean isInAcl(String organization, String entry) {
    return mongo.exists(Query.query(Acl.listing(organization, entry)), Indicator.class);
  }
}
