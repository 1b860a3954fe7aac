package io.capataz.supervisor.runtime;

import java.util.function.Function;
import org.springframework.data.mongodb.core.MongoOperations;
import org.springframework.data.mongodb.core.query.Criteria;
import org.springframework.data.mongodb.core.query.Query;

/**
 * Removes documents that have outlived their use, in small steps: one removal of everything would
 * run into the time limit of a call to the store, and be repeated from the start each time.
 */
public final class Expiry {

  private static final int STEP = 500;

  private Expiry() {}

  /** Removes what matches, until nothing is left or the round is over. */
  public static <T> void remove(
      MongoOperations mongo, Criteria expired, Class<T> type, Function<T, String> id) {
    var round = Round.ofCleanup();
    var query = Query.query(expired).limit(STEP);
    do {
      var ids = mongo.find(query, type).stream().map(id).toList();
      if (ids.isEmpty()) {
        return;
      }
      mongo.remove(Query.query(Criteria.where("_id").in(ids)), type);
    } while (!round.isOver());
  }
}
