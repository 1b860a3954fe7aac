package io.capataz.supervisor.runtime;

import static java.util.Objects.requireNonNull;

import org.bson.Document;
import org.springframework.data.mongodb.core.MongoOperations;
import org.springframework.stereotype.Component;

/**
 * Whether the store that was read from is still the one that everybody writes to.
 *
 * <p>For some seconds after a partition, two members of a replica set may believe to be its
 * primary. What the older one says, by a majority read too, may be out of date. It cannot confirm a
 * write.
 */
@Component
public class PrimaryCheck {

  private static final String COLLECTION = "hosts";

  private final MongoOperations mongo;

  PrimaryCheck(MongoOperations mongo) {
    this.mongo = mongo;
  }

  /**
   * Waits until a majority confirms that this primary is one. The write matches nothing, and a
   * primary waits for the majority all the same.
   *
   * @throws org.springframework.dao.DataAccessException if it is not confirmed
   */
  public void confirm() {
    MongoRetry.idempotent(
        () ->
            requireNonNull(
                mongo.execute(
                    COLLECTION,
                    hosts ->
                        hosts.updateOne(
                            new Document("_id", "primary-check"),
                            new Document("$set", new Document("checked", true))))));
  }
}
