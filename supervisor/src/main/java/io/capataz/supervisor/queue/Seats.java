package io.capataz.supervisor.queue;

import static io.capataz.supervisor.runtime.StoreCalls.repeatable;

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
 * The seats that are taken, one document for each limit that has any. Count and seats change
 * together in one update, so no two supervisors can give away the last seat.
 */
@Repository
class Seats {

  private static final Logger log = LoggerFactory.getLogger(Seats.class);

  private final MongoOperations mongo;
  private final InstantSource clock;
  private final SecureRandom random = new SecureRandom();

  Seats(MongoOperations mongo, InstantSource clock) {
    this.mongo = mongo;
    this.clock = clock;
  }

  /**
   * A limit's seats.
   *
   * @param key the limit's
   * @param count how many are taken
   * @param seats by the job that has it
   */
  @Document("limits")
  record Taken(@Id String key, int count, Map<String, Seat> seats) {
    Taken {
      seats = Map.copyOf(seats);
    }
  }

  /**
   * A job's seat.
   *
   * @param claim the claim for which it was taken
   * @param turn the job's turn as it was then
   * @param since when
   * @param taker who took it, by a random number: the same claim may be served twice at once
   */
  record Seat(String claim, int turn, Instant since, long taker) {}

  /** What came of the wish for a seat. */
  enum Wish {
    /** The claim has it. */
    GRANTED,
    /** All are taken. */
    FULL,
    /** The job has one already: somebody else is granting it just now, maybe to the same claim. */
    OTHERS
  }

  /** Takes a seat for a claim. */
  Wish take(Limit limit, String job, String claim, int turn) {
    var seat = new Seat(claim, turn, clock.instant(), random.nextLong());
    var free =
        Query.query(
            Criteria.where("_id")
                .is(limit.key())
                .and("count")
                .lt(limit.most())
                .and("seats." + job)
                .exists(false));
    var taking = new Update().inc("count", 1).set("seats." + job, seat);
    while (true) {
      if (repeatable(() -> mongo.updateFirst(free, taking, Taken.class)).getModifiedCount() > 0) {
        return Wish.GRANTED;
      }
      var taken = of(limit.key());
      if (taken.isPresent()) {
        var held = taken.get().seats().get(job);
        if (held == null) {
          return Wish.FULL;
        }
        // One's own, when the store's answer was lost.
        return held.taker() == seat.taker() ? Wish.GRANTED : Wish.OTHERS;
      }
      try {
        mongo.insert(new Taken(limit.key(), 1, Map.of(job, seat)));
        return Wish.GRANTED;
      } catch (DuplicateKeyException raced) {
        log.atDebug()
            .addKeyValue("limit", limit.key())
            .log("first permit was acquired by another supervisor");
      }
    }
  }

  /**
   * Gives a seat up, if it is still that claim's and was taken in that turn: the same claim asked
   * again may have another one by now. A limit without seats is forgotten.
   */
  void free(String key, String job, String claim, int turn) {
    repeatable(
        () ->
            mongo.updateFirst(
                Query.query(
                    Criteria.where("_id")
                        .is(key)
                        .and("seats." + job + ".claim")
                        .is(claim)
                        .and("seats." + job + ".turn")
                        .is(turn)),
                new Update().inc("count", -1).unset("seats." + job),
                Taken.class));
    repeatable(
        () ->
            mongo.remove(
                Query.query(Criteria.where("_id").is(key).and("count").is(0)), Taken.class));
  }

  /** A limit's seats; empty when none is taken. */
  Optional<Taken> of(String key) {
    return repeatable(() -> Optional.ofNullable(mongo.findById(key, Taken.class)));
  }

  /** Limits in the order of their keys, from after {@code key} on. */
  List<Taken> after(String key, int limit) {
    return mongo.find(
        Query.query(Criteria.where("_id").gt(key)).with(Sort.by("_id")).limit(limit), Taken.class);
  }
}
