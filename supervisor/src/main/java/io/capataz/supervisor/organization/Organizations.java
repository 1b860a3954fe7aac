package io.capataz.supervisor.organization;

import java.time.InstantSource;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.data.mongodb.core.MongoOperations;
import org.springframework.stereotype.Repository;

/** All organizations. */
@Repository
public class Organizations {

  private final MongoOperations mongo;
  private final InstantSource clock;

  Organizations(MongoOperations mongo, InstantSource clock) {
    this.mongo = mongo;
    this.clock = clock;
  }

  /** The organization with that name, created if it does not exist. Safe to call concurrently. */
  public Organization ensure(String name) {
    var organization = new Organization(name, clock.instant());
    try {
      return mongo.insert(organization);
    } catch (DuplicateKeyException alreadyThere) {
      var found = mongo.findById(name, Organization.class);
      return found == null ? organization : found;
    }
  }
}
