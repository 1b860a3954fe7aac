package io.capataz.supervisor.script;

import io.capataz.common.protocol.Bytes;
import io.capataz.supervisor.runtime.ReadCache;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.bson.types.Binary;
import org.bson.types.ObjectId;
import org.jspecify.annotations.Nullable;
import org.springframework.data.mongodb.core.MongoOperations;
import org.springframework.data.mongodb.core.query.Criteria;
import org.springframework.data.mongodb.core.query.Query;
import org.springframework.stereotype.Repository;

/** All scripts. */
@Repository
public class Scripts {

  private static final long RECENT_BYTES = 16L * 1024 * 1024;

  private final MongoOperations mongo;
  private final InstantSource clock;
  private final ReadCache<String, Script> recent =
      ReadCache.ofBytes(RECENT_BYTES, script -> script.bytes().length() + 1_000);

  Scripts(MongoOperations mongo, InstantSource clock) {
    this.mongo = mongo;
    this.clock = clock;
  }

  /** Stores a new script. */
  public Script add(
      String organization, String filename, @Nullable List<String> interpreter, Bytes content) {
    return mongo.insert(
        new Script(
            ObjectId.get().toHexString(),
            organization,
            filename,
            content.sha256(),
            interpreter,
            new Binary(content.toArray()),
            clock.instant()));
  }

  /** Whether the organization has that script. */
  boolean isThere(String organization, String id) {
    return mongo.exists(the(organization, id), Script.class);
  }

  /** Removes a script that nothing refers to yet. */
  void remove(String organization, String id) {
    mongo.remove(the(organization, id), Script.class);
    recent.drop();
  }

  /** The organization's script with that id. Its content never changes. */
  public Optional<Script> find(String organization, String id) {
    return recent
        .get(id, () -> Optional.ofNullable(mongo.findById(id, Script.class)))
        .filter(script -> script.organization().equals(organization));
  }

  private static Query the(String organization, String id) {
    return Query.query(
        Criteria.where(Script::id).is(id).and(Script::organization).is(organization));
  }
}
