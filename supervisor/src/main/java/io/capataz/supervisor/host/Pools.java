package io.capataz.supervisor.host;

import io.capataz.supervisor.listing.Listing;
import io.capataz.supervisor.listing.Pages;
import io.capataz.supervisor.runtime.Indexed;
import io.capataz.supervisor.runtime.ReadCache;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.bson.types.ObjectId;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.data.domain.Sort;
import org.springframework.data.mongodb.core.MongoOperations;
import org.springframework.data.mongodb.core.index.Index;
import org.springframework.data.mongodb.core.query.Criteria;
import org.springframework.data.mongodb.core.query.Query;
import org.springframework.data.mongodb.core.query.Update;
import org.springframework.stereotype.Repository;

/** All pools. */
@Repository
public class Pools implements Indexed {

  private final MongoOperations mongo;
  private final InstantSource clock;
  private final ReadCache<Membership, List<Pool>> recent = ReadCache.of(20_000);

  /** What decides which pools a host belongs to. */
  private record Membership(String host, List<String> labels) {}

  Pools(MongoOperations mongo, InstantSource clock) {
    this.mongo = mongo;
    this.clock = clock;
  }

  @Override
  public Class<?> indexedType() {
    return Pool.class;
  }

  @Override
  public List<Index> indexes() {
    return List.of(
        new Index()
            .on(Pool::organization, Sort.Direction.ASC)
            .on(Pool::name, Sort.Direction.ASC)
            .unique(),
        // The pools of a host: those that list it, and those whose selector may match it.
        new Index().on(Pool::hosts, Sort.Direction.ASC),
        new Index()
            .on(Pool::organization, Sort.Direction.ASC)
            .on(Pool::selector, Sort.Direction.ASC));
  }

  /**
   * Creates a pool; empty if the organization has one with that name.
   *
   * @param selector null: it has the hosts that are named
   */
  Optional<Pool> add(
      String organization, String name, List<String> hosts, @Nullable String selector) {
    try {
      return Optional.of(
          mongo.insert(
              new Pool(
                  ObjectId.get().toHexString(),
                  organization,
                  name,
                  hosts,
                  selector,
                  clock.instant())));
    } catch (DuplicateKeyException taken) {
      return Optional.empty();
    } finally {
      recent.drop();
    }
  }

  /**
   * Changes a pool. Jobs its hosts have already claimed stay with them.
   *
   * @param members null: they stay as they are
   * @return whether there was no other pool of that name
   */
  boolean change(Pool pool, String name, @Nullable Members members) {
    var change = new Update().set(Pool::name, name);
    if (members != null) {
      change.set(Pool::hosts, members.hosts());
      if (members.selector() == null) {
        change.unset(Pool::selector);
      } else {
        change.set(Pool::selector, members.selector());
      }
    }
    try {
      mongo.updateFirst(owned(pool.organization(), pool.id()), change, Pool.class);
      return true;
    } catch (DuplicateKeyException taken) {
      return false;
    } finally {
      recent.drop();
    }
  }

  /**
   * The hosts of a pool.
   *
   * @param selector null: those that are named
   */
  record Members(List<String> hosts, @Nullable String selector) {
    Members {
      hosts = List.copyOf(hosts);
    }
  }

  /** Removes a pool. */
  void remove(Pool pool) {
    mongo.remove(owned(pool.organization(), pool.id()), Pool.class);
    recent.drop();
  }

  /** Adds a new host to a pool that lists its hosts, if it still exists. */
  void join(String organization, String pool, Host host) {
    mongo.updateFirst(
        new Query(
            new Criteria()
                .andOperator(
                    Criteria.where(Pool::id).is(pool),
                    Criteria.where(Pool::organization).is(organization),
                    Criteria.where(Pool::selector).is(null))),
        new Update().addToSet("hosts", host.id()),
        Pool.class);
    recent.drop();
  }

  /** Removes a deleted host from all pools that list it. */
  void leave(Host host) {
    mongo.updateMulti(
        Query.query(Criteria.where(Pool::hosts).is(host.id())),
        new Update().pull(Pool::hosts, host.id()),
        Pool.class);
    recent.drop();
  }

  /** The organization's pool with that id. */
  public Optional<Pool> find(String organization, String id) {
    return Optional.ofNullable(mongo.findOne(owned(organization, id), Pool.class));
  }

  /** The organization's pool with that id or name. */
  public Optional<Pool> named(String organization, String idOrName) {
    return find(organization, idOrName)
        .or(
            () ->
                Optional.ofNullable(
                    mongo.findOne(
                        Query.query(
                            Criteria.where(Pool::organization)
                                .is(organization)
                                .and(Pool::name)
                                .is(idOrName)),
                        Pool.class)));
  }

  /** The pools that match the request. */
  Listing.Page<Pool> list(String organization, Listing<Pool> asked) {
    var which = Criteria.where(Pool::organization).is(organization);
    var names = asked.filterAll("name");
    if (!names.isEmpty()) {
      which.and(Pool::name).in(names);
    }
    return Pages.find(mongo, Pool.class, which, asked, Pool::id);
  }

  /**
   * The pools from which a host may take jobs now, as they were at most {@link ReadCache#MAX_AGE}
   * ago: those it belongs to, or none while it takes no jobs.
   */
  public List<Pool> of(Host host) {
    if (!host.takesJobs()) {
      return List.of();
    }
    return recent
        .get(new Membership(host.id(), host.labels().byApi()), () -> Optional.of(withMember(host)))
        .orElseThrow();
  }

  private List<Pool> withMember(Host host) {
    var pools =
        new ArrayList<Pool>(
            mongo.find(
                Query.query(
                        Criteria.where(Pool::hosts)
                            .is(host.id())
                            .and(Pool::organization)
                            .is(host.organization()))
                    .limit(1_000),
                Pool.class));
    mongo
        .find(
            Query.query(
                    Criteria.where(Pool::organization)
                        .is(host.organization())
                        .and(Pool::selector)
                        .gt(""))
                .limit(10_000),
            Pool.class)
        .stream()
        .filter(pool -> pool.has(host))
        .forEach(pools::add);
    pools.sort(Comparator.comparing(Pool::id));
    return List.copyOf(pools);
  }

  private static Query owned(String organization, String id) {
    return Query.query(Criteria.where(Pool::id).is(id).and(Pool::organization).is(organization));
  }
}
