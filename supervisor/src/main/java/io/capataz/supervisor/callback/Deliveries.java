package io.capataz.supervisor.callback;

import static io.capataz.supervisor.callback.DeliveryFields.CLAIM;
import static io.capataz.supervisor.callback.DeliveryFields.DEADLINE;
import static io.capataz.supervisor.callback.DeliveryFields.DUE;
import static io.capataz.supervisor.callback.DeliveryFields.NUMBER;
import static io.capataz.supervisor.callback.DeliveryFields.ORPHAN;
import static io.capataz.supervisor.callback.DeliveryFields.STATE;
import static io.capataz.supervisor.callback.DeliveryFields.SUCCEEDED;
import static io.capataz.supervisor.runtime.MongoRetry.idempotent;
import static io.capataz.supervisor.runtime.MongoRetry.verified;

import io.capataz.supervisor.callback.Delivery.State;
import io.capataz.supervisor.callback.Delivery.Try;
import io.capataz.supervisor.job.BelongsToJob;
import io.capataz.supervisor.job.Job;
import io.capataz.supervisor.listing.Listing;
import io.capataz.supervisor.listing.Pages;
import io.capataz.supervisor.runtime.CompareAndSet;
import io.capataz.supervisor.runtime.Indexed;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.data.annotation.Id;
import org.springframework.data.domain.Sort;
import org.springframework.data.domain.Sort.Direction;
import org.springframework.data.mongodb.core.MongoOperations;
import org.springframework.data.mongodb.core.index.Index;
import org.springframework.data.mongodb.core.query.Criteria;
import org.springframework.data.mongodb.core.query.Query;
import org.springframework.data.mongodb.core.query.Update;
import org.springframework.stereotype.Repository;

/**
 * All deliveries. A try is claimed by a compare-and-set that counts it and puts the next one off,
 * so that it is made by one supervisor, and by another one if that one dies.
 */
@Repository
class Deliveries implements Indexed, BelongsToJob {

  /** How long a try may be under way; more than a call may take. */
  static final Duration CLAIMED = Duration.ofSeconds(90);

  /** How many tries are remembered, the newest. */
  private static final int REMEMBERED = 64;

  private final MongoOperations mongo;
  private final CompareAndSet store;
  private final InstantSource clock;
  private final String collection;

  Deliveries(MongoOperations mongo, CompareAndSet store, InstantSource clock) {
    this.mongo = mongo;
    this.store = store;
    this.clock = clock;
    this.collection = mongo.getCollectionName(Delivery.class);
  }

  @Override
  public Class<?> indexedType() {
    return Delivery.class;
  }

  @Override
  public List<Index> indexes() {
    return List.of(
        new Index().on(DUE, Direction.ASC).sparse(),
        new Index().on(Delivery::job, Direction.ASC),
        new Index()
            .on(Delivery::organization, Direction.ASC)
            .on(Delivery::created, Direction.DESC));
  }

  /** Stores a delivery; one that is there already stays as it is. */
  Delivery add(Delivery delivery) {
    return idempotent(
        () -> {
          try {
            return mongo.insert(delivery);
          } catch (DuplicateKeyException there) {
            return find(delivery.organization(), delivery.id()).orElse(delivery);
          }
        });
  }

  /** As much of a delivery as is needed to decide whether it is tried. */
  record Due(@Id String id, String receiver) {}

  /** Deliveries of which a try is due, but for those to some receivers; the longest due first. */
  List<Due> due(Collection<String> otherThanTo, int limit) {
    var which = Criteria.where(DUE).lte(clock.instant());
    if (!otherThanTo.isEmpty()) {
      which.and(Delivery::receiver).nin(otherThanTo);
    }
    var query = Query.query(which).with(Sort.by(DUE)).limit(limit);
    query.fields().include(Delivery::receiver);
    return mongo.find(query, Due.class, collection);
  }

  /** Begins a try; empty if none is due, or another supervisor has begun it. */
  Optional<Delivery> claim(String id) {
    var now = clock.instant();
    var claim = UUID.randomUUID().toString();
    var due = Query.query(Criteria.where(Delivery::id).is(id).and(DUE).lte(now));
    var begun = new Update().inc(NUMBER, 1).set(DUE, now.plus(CLAIMED)).set(CLAIM, claim);
    return verified(
        () -> store.change(Delivery.class, due, begun),
        () -> find(id).filter(it -> claim.equals(it.course().claim())));
  }

  /** The receiver has taken it: whatever else became of the try, no more follow. */
  void succeeded(Delivery tried, Try how) {
    var taken = closing(State.SUCCEEDED, how);
    if (tried.course().succeeded() == null) {
      taken.set(SUCCEEDED, clock.instant());
    }
    changed(Criteria.where(Delivery::id).is(tried.id()), taken);
  }

  /**
   * The receiver has not taken it.
   *
   * @param how the try; null: it was too late for one
   * @param next when the next try begins; empty: there is none
   */
  void failed(Delivery tried, @Nullable Try how, Optional<Instant> next) {
    var update =
        next.map(at -> remembering(how).set(DUE, at).unset(CLAIM))
            .orElseGet(() -> closing(State.FAILED, how));
    changed(
        Criteria.where(Delivery::id).is(tried.id()).and(CLAIM).is(tried.course().claim()), update);
  }

  private static Update closing(State state, @Nullable Try how) {
    return remembering(how).set(STATE, state).unset(DUE).unset(CLAIM);
  }

  private static Update remembering(@Nullable Try how) {
    var update = new Update();
    return how == null ? update : update.push(Delivery::tries).slice(-REMEMBERED).each(how);
  }

  private void changed(Criteria which, Update update) {
    var query = Query.query(which);
    idempotent(() -> store.change(Delivery.class, query, update))
        .filter(it -> it.course().due() == null)
        .filter(it -> Boolean.TRUE.equals(it.course().orphan()))
        .ifPresent(this::remove);
  }

  private void remove(Delivery orphan) {
    mongo.remove(
        Query.query(Criteria.where(Delivery::id).is(orphan.id()).and(DUE).isNull()),
        Delivery.class);
  }

  /**
   * Has a delivery tried again, at once: one that is closed is opened, with as many tries as a new
   * one has. One that waits for its next try has it now. One that is being tried is left alone.
   */
  Delivery replay(Delivery delivery) {
    var now = clock.instant();
    var its = Criteria.where(Delivery::id).is(delivery.id());
    var opened =
        new Update()
            .set(STATE, State.OPEN)
            .set(NUMBER, 0)
            .set(DUE, now)
            .set(DEADLINE, now.plus(RetryDelays.LIFE));
    return idempotent(
            () ->
                store
                    .change(Delivery.class, Query.query(its.and(DUE).isNull()), opened)
                    .or(
                        () ->
                            store.change(
                                Delivery.class,
                                Query.query(
                                    Criteria.where(Delivery::id)
                                        .is(delivery.id())
                                        .and(DUE)
                                        .gt(now)
                                        .and(CLAIM)
                                        .isNull()),
                                new Update().set(DUE, now))))
        .or(() -> find(delivery.id()))
        .orElse(delivery);
  }

  private Optional<Delivery> find(String id) {
    return Optional.ofNullable(mongo.findById(id, Delivery.class));
  }

  /** The delivery, if it is the organization's. */
  Optional<Delivery> find(String organization, String id) {
    return idempotent(() -> find(id)).filter(it -> it.organization().equals(organization));
  }

  /** The deliveries of a job, oldest first. */
  List<Delivery> of(String job) {
    return idempotent(
        () ->
            mongo.find(
                Query.query(Criteria.where(Delivery::job).is(job))
                    .with(Sort.by(Direction.ASC, "created")),
                Delivery.class));
  }

  /** An organization's deliveries. */
  Listing.Page<Delivery> list(String organization, Listing<Delivery> asked, List<State> states) {
    var which = Criteria.where(Delivery::organization).is(organization);
    if (!states.isEmpty()) {
      which.and(STATE).in(states);
    }
    var jobs = asked.filterAll("job");
    if (!jobs.isEmpty()) {
      which.and(Delivery::job).in(jobs);
    }
    return Pages.find(mongo, Delivery.class, which, asked, Delivery::id);
  }

  /** The deliveries of an organization that failed, the oldest first. */
  List<Delivery> failed(String organization, int limit) {
    return mongo.find(
        Query.query(
                Criteria.where(Delivery::organization).is(organization).and(STATE).is(State.FAILED))
            .with(Sort.by(Direction.ASC, "created"))
            .limit(limit),
        Delivery.class);
  }

  /** An open delivery stays until it is closed: its job may be kept for a few seconds only. */
  @Override
  public void removeFor(Job job) {
    var its = Query.query(Criteria.where(Delivery::job).is(job.id()));
    var closed = Query.query(Criteria.where(Delivery::job).is(job.id()).and(DUE).isNull());
    var _ =
        idempotent(
            () -> {
              mongo.updateMulti(its, new Update().set(ORPHAN, true), Delivery.class);
              return mongo.remove(closed, Delivery.class);
            });
  }
}
