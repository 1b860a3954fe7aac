package io.capataz.supervisor.callback;

import static io.capataz.supervisor.runtime.MongoRetry.idempotent;

import io.capataz.common.secret.Secret;
import io.capataz.supervisor.callback.CallbackKey.Use;
import io.capataz.supervisor.runtime.Indexed;
import io.capataz.supervisor.runtime.ReadCache;
import io.capataz.supervisor.vault.Vault;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.bson.types.ObjectId;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.data.domain.Sort.Direction;
import org.springframework.data.mongodb.core.MongoOperations;
import org.springframework.data.mongodb.core.index.Index;
import org.springframework.data.mongodb.core.query.Criteria;
import org.springframework.data.mongodb.core.query.Query;
import org.springframework.data.mongodb.core.query.Update;
import org.springframework.stereotype.Repository;

/** The keys of organizations for their callbacks. */
@Repository
class CallbackKeys implements Indexed {

  private static final int BYTES = 32;

  /** Begins every signing key, as Standard Webhooks has it. */
  static final String SIGNING = "whsec_";

  private final MongoOperations mongo;
  private final Vault vault;
  private final InstantSource clock;
  private final SecureRandom random = new SecureRandom();
  private final ReadCache<String, List<CallbackKey>> recent = ReadCache.of(1_000);

  CallbackKeys(MongoOperations mongo, Vault vault, InstantSource clock) {
    this.mongo = mongo;
    this.vault = vault;
    this.clock = clock;
  }

  @Override
  public Class<?> indexedType() {
    return CallbackKey.class;
  }

  @Override
  public List<Index> indexes() {
    return List.of(new Index().on(CallbackKey::organization, Direction.ASC));
  }

  /** A new key, which is readable only here. */
  record Made(CallbackKey key, Secret text) {}

  /**
   * Makes a key in place of those there are.
   *
   * <p>During the overlap both are good. What is signed, is signed with both; the static header has
   * room for one, so the new one takes its place when the overlap is over.
   */
  Made make(String organization, Use use, Duration overlap, String by) {
    var now = clock.instant();
    var before = inUse(organization, use, now);
    var later = before.isEmpty() ? now : now.plus(overlap);
    var made =
        made(ObjectId.get().toHexString(), organization, use, use == Use.SIGNING ? now : later, by);
    var _ = mongo.insert(made.key());
    before.forEach(key -> end(key, later));
    recent.drop();
    return made;
  }

  private Made made(String id, String organization, Use use, Instant since, String by) {
    var bytes = new byte[BYTES];
    random.nextBytes(bytes);
    var text =
        Secret.of(
            use == Use.SIGNING
                ? SIGNING + Base64.getEncoder().encodeToString(bytes)
                : use.word() + "_" + Base64.getUrlEncoder().withoutPadding().encodeToString(bytes));
    var sealed = vault.seal(CallbackKey.context(organization, id), text).text();
    return new Made(new CallbackKey(id, organization, use, sealed, since, null, by), text);
  }

  /** Ends a key, unless it ends sooner. */
  private void end(CallbackKey key, Instant until) {
    if (key.until() == null || key.until().isAfter(until)) {
      mongo.updateFirst(
          Query.query(Criteria.where(CallbackKey::id).is(key.id())),
          new Update().set(CallbackKey::until, until),
          CallbackKey.class);
    }
  }

  /** Ends a key at once; false if there is none that has not ended. */
  boolean revoke(String organization, String id) {
    var key = all(organization).stream().filter(it -> it.id().equals(id)).findFirst();
    var now = clock.instant();
    if (key.filter(it -> it.until() == null || it.until().isAfter(now)).isEmpty()) {
      return false;
    }
    end(key.get(), now);
    recent.drop();
    return true;
  }

  /** The organization's keys, the newest first; also those that have ended. */
  List<CallbackKey> all(String organization) {
    return idempotent(
        () ->
            mongo
                .find(
                    Query.query(Criteria.where(CallbackKey::organization).is(organization)),
                    CallbackKey.class)
                .stream()
                .sorted(Comparator.comparing(CallbackKey::since).reversed())
                .toList());
  }

  private List<CallbackKey> inUse(String organization, Use use, Instant now) {
    return recent.get(organization, () -> Optional.of(all(organization))).orElse(List.of()).stream()
        .filter(key -> key.use() == use && key.isUsedAt(now))
        .toList();
  }

  /** The key for the static header; empty if the organization has none. */
  Optional<Secret> header(String organization, boolean test) {
    return inUse(organization, test ? Use.TEST : Use.LIVE, clock.instant()).stream()
        .findFirst()
        .map(this::open);
  }

  /** The keys for signatures, newest first. The first one is made when it is needed. */
  List<Secret> signing(String organization) {
    var keys = inUse(organization, Use.SIGNING, clock.instant());
    return keys.isEmpty() ? List.of(first(organization)) : keys.stream().map(this::open).toList();
  }

  /** More than one supervisor may need it at the same time. */
  private Secret first(String organization) {
    var made =
        made("first-of-" + organization, organization, Use.SIGNING, clock.instant(), "supervisor");
    try {
      var _ = mongo.insert(made.key());
      recent.drop();
      return made.text();
    } catch (DuplicateKeyException there) {
      recent.drop();
      return inUse(organization, Use.SIGNING, clock.instant()).stream()
          .findFirst()
          .map(this::open)
          .orElseGet(() -> make(organization, Use.SIGNING, Duration.ZERO, "supervisor").text());
    }
  }

  private Secret open(CallbackKey key) {
    return Secret.of(
        vault.openText(CallbackKey.context(key.organization(), key.id()), key.sealed()));
  }
}
