package io.capataz.supervisor.vault;

import static io.capataz.supervisor.runtime.MongoRetry.idempotent;

import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.data.annotation.Id;
import org.springframework.data.mongodb.core.MongoOperations;
import org.springframework.data.mongodb.core.mapping.Document;
import org.springframework.data.mongodb.core.query.Criteria;
import org.springframework.data.mongodb.core.query.Query;
import org.springframework.data.mongodb.core.query.Update;
import org.springframework.stereotype.Repository;

/**
 * The store's records about the vault: which keys have sealed something, and a value sealed by
 * each, with which a start verifies its keys.
 */
@Repository
class VaultRecords {

  private final MongoOperations mongo;
  private final InstantSource clock;

  VaultRecords(MongoOperations mongo, InstantSource clock) {
    this.mongo = mongo;
    this.clock = clock;
  }

  /**
   * A sealed value that belongs to the vault itself.
   *
   * @param id what it is for
   * @param since when it was made
   */
  @Document("vault")
  record Kept(@Id String id, Sealed value, Instant since) {}

  /** All records; a handful. */
  List<Kept> all() {
    return idempotent(() -> mongo.findAll(Kept.class));
  }

  /** Stores the value unless one with that id exists; returns the stored one. */
  Kept keep(String id, Sealed value) {
    var kept = new Kept(id, value, clock.instant());
    return idempotent(
        () -> {
          try {
            return mongo.insert(kept);
          } catch (DuplicateKeyException there) {
            var before = mongo.findById(id, Kept.class);
            return before == null ? kept : before;
          }
        });
  }

  /** Replaces a value, unless it was replaced concurrently. */
  void replace(Kept kept, Sealed value) {
    idempotent(
        () ->
            mongo.updateFirst(
                Query.query(
                    Criteria.where("_id").is(kept.id()).and("value.key").is(kept.value().key())),
                new Update().set("value", value),
                Kept.class));
  }
}
