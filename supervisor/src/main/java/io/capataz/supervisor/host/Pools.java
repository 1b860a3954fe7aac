package io.capataz.supervisor.host;

import io.capataz.supervisor.runtime.Indexed;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.bson.types.ObjectId;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.data.domain.Sort;
import org.springframework.data.mongodb.core.FindAndModifyOptions;
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
        new Index().on("organization", Sort.Direction.ASC).on("name", Sort.Direction.ASC).unique(),
        // The pools of a host.
        new Index().on("hosts", Sort.Direction.ASC));
  }

  /** Makes a pool; empty if the organization has one of that name. */
  Optional<Pool> add(String organization, String name, List<String> hosts) {
    try {
      return Optional.of(
          mongo.insert(
              new Pool(ObjectId.get().toHexString(), organization, name, hosts, clock.instant())));
    } catch (DuplicateKeyException taken) {
      return Optional.empty();
    }
  }

  /** Gives a pool other hosts; what they have claimed already stays theirs. */
  Optional<Pool> change(String organization, String id, List<String> hosts) {
    return Optional.ofNullable(
        mongo.findAndModify(
            owned(organization, id),
            new Update().set("hosts", hosts),
            FindAndModifyOptions.options().returnNew(true),
            Pool.class));
  }

  /** The pool, if it is the organization's. */
  public Optional<Pool> find(String organization, String id) {
    return Optional.ofNullable(mongo.findOne(owned(organization, id), Pool.class));
  }

  /** An organization's pools, by name. */
  List<Pool> in(String organization) {
    return mongo.find(
        Query.query(Criteria.where("organization").is(organization))
            .with(Sort.by("organization", "name"))
            .limit(10_000),
        Pool.class);
  }

  /** The pools a host is in, by id. */
  public List<Pool> of(String host) {
    return mongo.find(
        Query.query(Criteria.where("hosts").is(host)).with(Sort.by("_id")).limit(1_000),
        Pool.class);
  }

  private static Query owned(String organization, String id) {
    return Query.query(Criteria.where("_id").is(id).and("organization").is(organization));
  }
}
