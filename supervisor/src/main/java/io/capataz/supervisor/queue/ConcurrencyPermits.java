package io.capataz.supervisor.queue;

import static io.capataz.supervisor.runtime.MongoRetry.idempotent;

import io.capataz.supervisor.job.Job.Limit;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.data.annotation.Id;
import org.springframework.data.domain.Sort;
import org.springframework.data.mongodb.core.MongoOperations;
import org.springframework.data.mongodb.core.mapping.Document;
import org.springframework.data.mongodb.core.query.Criteria;
import org.springframework.data.mongodb.core.query.Query;
import org.springframework.data.mongodb.core.query.Update;
import org.springframework.stereotype.Repository;

/**
 * The permits in use, one document for each limit that has any. Count and permits change in one
 * update, so two supervisors cannot both grant the last permit.
 */
@Repository
class ConcurrencyPermits {

  private static final Logger log = LoggerFactory.getLogger(ConcurrencyPermits.class);

  private final MongoOperations mongo;
  private final InstantSource clock;
  private final SecureRandom random = new SecureRandom();

  ConcurrencyPermits(MongoOperations mongo, InstantSource clock) {
    this.mongo = mongo;
    this.clock = clock;
  }

  /**
   * The permits of a limit.
   *
   * @param key the limit's
   * @param count how many are in use
   * @param permits by job
   */
  @Document("limits")
  record Taken(@Id String key, int count, Map<String, Permit> permits) {
    Taken {
      permits = Map.copyOf(permits);
    }
  }

  /**
   * The permit of a job.
   *
   * @param claim the claim for which it was taken
   * @param generation the grant generation of the job at that time
   * @param since when
   * @param taker who took it, by a random number: the same claim may be served twice at once
   */
  record Permit(String claim, int generation, Instant since, long taker) {}

  /** Result of trying to acquire a permit. */
  enum Acquisition {
    /** The claim has it. */
    GRANTED,
    /** All are taken. */
    FULL,
    /** The job has one already: somebody else is granting it just now, maybe to the same claim. */
    OTHERS
  }

  /** Tries to acquire a permit for a claim. */
  Acquisition take(Limit limit, String job, String claim, int generation) {
    var permit = new Permit(claim, generation, clock.instant(), random.nextLong());
    var free =
        Query.query(
            Criteria.where(Taken::key)
                .is(limit.key())
                .and(Taken::count)
                .lt(limit.most())
                .and("permits." + job)
                .exists(false));
    var taking = new Update().inc(Taken::count, 1).set("permits." + job, permit);
    while (true) {
      if (idempotent(() -> mongo.updateFirst(free, taking, Taken.class)).getModifiedCount() > 0) {
        return Acquisition.GRANTED;
      }
      var taken = of(limit.key());
      if (taken.isPresent()) {
        var held = taken.get().permits().get(job);
        if (held == null) {
          return Acquisition.FULL;
        }
        // One's own, when the store's answer was lost.
        return held.taker() == permit.taker() ? Acquisition.GRANTED : Acquisition.OTHERS;
      }
      try {
        mongo.insert(new Taken(limit.key(), 1, Map.of(job, permit)));
        return Acquisition.GRANTED;
      } catch (DuplicateKeyException raced) {
        log.atDebug()
            .addKeyValue("limit", limit.key())
            .log("first permit was acquired by another supervisor");
      }
    }
  }

  /**
   * Releases a permit, if it belongs to that claim and generation: the same claim, repeated, may
   * hold a newer one. A limit without permits is removed.
   */
  void free(String key, String job, String claim, int generation) {
    idempotent(
        () ->
            mongo.updateFirst(
                Query.query(
                    Criteria.where(Taken::key)
                        .is(key)
                        .and("permits." + job + ".claim")
                        .is(claim)
                        .and("permits." + job + ".generation")
                        .is(generation)),
                new Update().inc(Taken::count, -1).unset("permits." + job),
                Taken.class));
    idempotent(
        () ->
            mongo.remove(
                Query.query(Criteria.where(Taken::key).is(key).and(Taken::count).is(0)),
                Taken.class));
  }

  /** The permits of a limit; empty if none is in use. */
  Optional<Taken> of(String key) {
    return idempotent(() -> Optional.ofNullable(mongo.findById(key, Taken.class)));
  }

  /** Limits in the order of their keys, after {@code key}. */
  List<Taken> after(String key, int limit) {
    return mongo.find(
        Query.query(Criteria.where(Taken::key).gt(key)).with(Sort.by(Taken::key)).limit(limit),
        Taken.class);
  }
}
