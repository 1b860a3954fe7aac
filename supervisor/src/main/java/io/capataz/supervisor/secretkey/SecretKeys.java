package io.capataz.supervisor.secretkey;

import static io.capataz.supervisor.runtime.MongoRetry.idempotent;

import io.capataz.common.secret.Secret;
import io.capataz.supervisor.access.AccessKey;
import io.capataz.supervisor.runtime.Indexed;
import io.capataz.supervisor.runtime.MongoRetry;
import io.capataz.supervisor.runtime.ReadCache;
import io.capataz.supervisor.vault.Vault;
import io.capataz.supervisor.web.ApiProblem;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.data.domain.Sort;
import org.springframework.data.mongodb.core.MongoOperations;
import org.springframework.data.mongodb.core.index.Index;
import org.springframework.data.mongodb.core.query.Criteria;
import org.springframework.data.mongodb.core.query.Query;
import org.springframework.data.mongodb.core.query.Update;
import org.springframework.stereotype.Repository;

/**
 * All secret keys. A target may have several at once, so that callers have time to change from an
 * old key to a new one.
 */
@Repository
public class SecretKeys implements Indexed {

  /** More would be a mistake by their creator. */
  private static final int MOST = 20;

  /** The precision of the last use; each update is a write. */
  private static final Duration NOTED_EACH = Duration.ofMinutes(1);

  /** How long an expired key is kept. */
  private static final Duration KEPT = Duration.ofDays(30);

  private final MongoOperations mongo;
  private final Vault vault;
  private final InstantSource clock;

  /** By their own id and what they are for. */
  private final ReadCache<Use, SecretKey> recent = ReadCache.of(10_000);

  private record Use(KeyTarget target, String key) {}

  SecretKeys(MongoOperations mongo, Vault vault, InstantSource clock) {
    this.mongo = mongo;
    this.vault = vault;
    this.clock = clock;
  }

  @Override
  public Class<?> indexedType() {
    return SecretKey.class;
  }

  @Override
  public List<Index> indexes() {
    return List.of(new Index().on(SecretKey::target, Sort.Direction.ASC));
  }

  /**
   * Issues a key; its text is returned here and can be read again only through {@link #text}.
   *
   * @throws ApiProblem 409 if the target has too many
   */
  public Secret issue(KeyTarget target) {
    if (liveOf(target).size() >= MOST) {
      throw ApiProblem.conflict(
          "too_many_keys",
          "The %s already has %d keys. Revoke one that is no longer used."
              .formatted(target.kind(), MOST));
    }
    var issued = AccessKey.issue(AccessKey.Kind.SK);
    var key =
        new SecretKey(
            issued.key().id(),
            target.organization(),
            target.kind(),
            target.id(),
            issued.key().hash(),
            vault.seal(place(target.organization(), issued.key().id()), issued.text()),
            clock.instant(),
            null,
            null);
    var _ = idempotent(() -> kept(key));
    return issued.text();
  }

  /** Issues a key and lets the others expire after the overlap. */
  Secret rotate(KeyTarget target, Duration overlap) {
    var before = liveOf(target);
    var issued = issue(target);
    var end = clock.instant().plus(overlap);
    before.forEach(key -> end(key, end));
    forgetOld(target);
    return issued;
  }

  /** Revokes a key at once; false if the target has no such key. */
  boolean revoke(KeyTarget target, String id) {
    var found = liveOf(target).stream().filter(key -> key.id().equals(id)).findFirst();
    found.ifPresent(key -> end(key, clock.instant()));
    return found.isPresent();
  }

  /** Removes all keys of a target that was deleted. */
  public void forget(KeyTarget target) {
    var _ = idempotent(() -> mongo.remove(Query.query(of(target)), SecretKey.class));
    recent.drop();
  }

  /** The keys that are valid now, newest first. */
  List<SecretKey> liveOf(KeyTarget target) {
    var now = clock.instant();
    return mongo.find(Query.query(of(target)), SecretKey.class).stream()
        .filter(key -> key.isLive(now))
        .sorted(Comparator.comparing(SecretKey::created).reversed().thenComparing(SecretKey::id))
        .toList();
  }

  /** The text of a key. */
  Secret text(SecretKey key) {
    return vault.open(place(key.organization(), key.id()), key.sealed());
  }

  private static String place(String organization, String id) {
    return Vault.context(organization, "secret_key", id, "text");
  }

  /** Whether the key is valid for the target. */
  public boolean opens(KeyTarget target, AccessKey shown) {
    return found(target, shown).isPresent();
  }

  /** Whether the key is valid for the target; if so its use is recorded. */
  public boolean open(KeyTarget target, AccessKey shown) {
    var found = found(target, shown);
    found.ifPresent(this::used);
    return found.isPresent();
  }

  private Optional<SecretKey> found(KeyTarget target, AccessKey shown) {
    if (shown.kind() != AccessKey.Kind.SK) {
      return Optional.empty();
    }
    var now = clock.instant();
    return recent
        .get(new Use(target, shown.id()), () -> withId(target, shown.id()))
        .filter(key -> shown.matches(key.hash()) && key.isLive(now));
  }

  private Optional<SecretKey> withId(KeyTarget target, String id) {
    return Optional.ofNullable(
        mongo.findOne(Query.query(of(target).and(SecretKey::id).is(id)), SecretKey.class));
  }

  private void used(SecretKey key) {
    var now = clock.instant();
    if (isOld(key.lastUse(), now)) {
      MongoRetry.ifPossible(
          () ->
              idempotent(
                  () ->
                      mongo.updateFirst(
                          Query.query(Criteria.where(SecretKey::id).is(key.id())),
                          new Update().max("lastUse", now),
                          SecretKey.class)));
      recent.drop();
    }
  }

  private static boolean isOld(@Nullable Instant lastUse, Instant now) {
    return lastUse == null || lastUse.isBefore(now.minus(NOTED_EACH));
  }

  /** Expiry is only ever shortened: a later end gives a key no more time. */
  private void end(SecretKey key, Instant end) {
    var _ =
        idempotent(
            () ->
                mongo.updateFirst(
                    Query.query(Criteria.where(SecretKey::id).is(key.id())),
                    new Update().min("expires", end),
                    SecretKey.class));
    recent.drop();
  }

  private SecretKey kept(SecretKey key) {
    try {
      return mongo.insert(key);
    } catch (DuplicateKeyException there) {
      return key;
    }
  }

  private void forgetOld(KeyTarget target) {
    var old = of(target).and(SecretKey::expires).lt(clock.instant().minus(KEPT));
    var _ = idempotent(() -> mongo.remove(Query.query(old), SecretKey.class));
  }

  private static Criteria of(KeyTarget target) {
    return Criteria.where(SecretKey::target)
        .is(target.id())
        .and(SecretKey::kind)
        .is(target.kind())
        .and(SecretKey::organization)
        .is(target.organization());
  }
}
