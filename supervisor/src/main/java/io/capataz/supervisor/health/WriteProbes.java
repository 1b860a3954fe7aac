package io.capataz.supervisor.health;

import java.time.Instant;
import org.bson.Document;
import org.springframework.data.mongodb.core.MongoOperations;
import org.springframework.stereotype.Repository;

/**
 * Writes that are made only to learn whether the store takes any. A store with a full disk answers
 * every ping.
 */
@Repository
class WriteProbes {

  private static final String COLLECTION = "write_probes";

  /** One document for all probes. */
  private static final String ID = "readyz";

  private final MongoOperations mongo;

  WriteProbes(MongoOperations mongo) {
    this.mongo = mongo;
  }

  void write(Instant at) {
    mongo.save(new Document("_id", ID).append("at", at), COLLECTION);
  }
}
