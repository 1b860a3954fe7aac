package io.capataz.supervisor.script;

import io.capataz.common.protocol.Bytes;
import io.capataz.supervisor.quota.Quota;
import io.capataz.supervisor.quota.Quotas;
import io.capataz.supervisor.quota.StoredUsage;
import io.capataz.supervisor.runtime.ReadCache;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.bson.types.Binary;
import org.bson.types.ObjectId;
import org.jspecify.annotations.Nullable;
import org.springframework.data.annotation.Id;
import org.springframework.data.domain.Sort;
import org.springframework.data.mongodb.core.MongoOperations;
import org.springframework.data.mongodb.core.query.Criteria;
import org.springframework.data.mongodb.core.query.Query;
import org.springframework.stereotype.Repository;

/** All scripts. */
@Repository
public class Scripts implements StoredUsage {

  private static final long RECENT_BYTES = 16L * 1024 * 1024;

  private final MongoOperations mongo;
  private final Quotas quotas;
  private final InstantSource clock;
  private final ReadCache<String, Script> recent =
      ReadCache.ofBytes(RECENT_BYTES, script -> script.bytes().length() + 1_000);

  Scripts(MongoOperations mongo, Quotas quotas, InstantSource clock) {
    this.quotas = quotas;
    this.mongo = mongo;
    this.clock = clock;
  }

  @Override
  public Set<Quota> quotas() {
    return Set.of(Quota.SCRIPT_MEGABYTES);
  }

  /** As much of a script as is counted. */
  private record Counted(@Id String id, String organization, int size) {
    Stored stored() {
      return new Stored(id, organization, Map.of(Quota.SCRIPT_MEGABYTES, (long) size));
    }
  }

  @Override
  public List<Stored> after(@Nullable String id, int limit) {
    var query =
        Query.query(id == null ? new Criteria() : Criteria.where(Script::id).gt(id))
            .with(Sort.by(Script::id))
            .limit(limit);
    query.fields().include(Script::organization, Script::size);
    return mongo.find(query, Counted.class, mongo.getCollectionName(Script.class)).stream()
        .map(Counted::stored)
        .toList();
  }

  /**
   * Stores a new script.
   *
   * @throws io.capataz.supervisor.web.ApiProblem 403 if the organization has as many bytes of
   *     scripts as it may have
   */
  public Script add(
      String organization, String filename, @Nullable List<String> interpreter, Bytes content) {
    quotas.check(organization, Quota.SCRIPT_MEGABYTES, content.length());
    var script =
        new Script(
            ObjectId.get().toHexString(),
            organization,
            filename,
            content.sha256(),
            interpreter,
            content.length(),
            new Binary(content.toArray()),
            clock.instant());
    mongo.insert(script);
    quotas.changed(organization, Quota.SCRIPT_MEGABYTES, content.length());
    return script;
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
