package io.capataz.supervisor.task;

import static io.capataz.supervisor.runtime.StoreCalls.repeatable;

import io.capataz.common.secret.Secret;
import io.capataz.supervisor.access.AccessKey;
import io.capataz.supervisor.runtime.Indexed;
import io.capataz.supervisor.vault.Vault;
import io.capataz.supervisor.web.ApiProblem;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
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
 * All secret keys of tasks. A task may have several at once, so that those who use an old one have
 * time to take the new one.
 */
@Repository
class SecretKeys implements Indexed {

  /** More would be a mistake of whoever makes them. */
  private static final int MOST = 20;

  /** How exactly the last use is known; each note of it is a write. */
  private static final Duration NOTED_EACH = Duration.ofMinutes(1);

  /** How long a key that is over is kept. */
  private static final Duration KEPT = Duration.ofDays(30);

  private final MongoOperations mongo;
  private final Vault vault;
  private final InstantSource clock;

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
    return List.of(new Index().on("task", Sort.Direction.ASC));
  }

  /**
   * Makes a new key for a task, which is told only here.
   *
   * @throws ApiProblem 409 if the task has too many
   */
  Secret issue(Task task) {
    if (liveOf(task).size() >= MOST) {
      throw ApiProblem.conflict(
          "too_many_keys", "The task has " + MOST + " keys; revoke those that nobody needs.");
    }
    var issued = AccessKey.issue(AccessKey.Kind.SK);
    var key =
        new SecretKey(
            issued.key().id(),
            task.organization(),
            task.id(),
            issued.key().hash(),
            vault.seal(place(task.organization(), issued.key().id()), issued.text()),
            clock.instant(),
            null,
            null);
    var _ = repeatable(() -> kept(key));
    return issued.text();
  }

  /** Makes a new key and ends the others, after a while in which they all open the task. */
  Secret rotate(Task task, Duration overlap) {
    var before = liveOf(task);
    var issued = issue(task);
    var end = clock.instant().plus(overlap);
    before.forEach(key -> end(key, end));
    forgetOld(task);
    return issued;
  }

  /** Ends a key at once; false if the task has no such key. */
  boolean revoke(Task task, String id) {
    var found = liveOf(task).stream().filter(key -> key.id().equals(id)).findFirst();
    found.ifPresent(key -> end(key, clock.instant()));
    return found.isPresent();
  }

  /** Ends all keys of a task that is no more. */
  void forget(Task task) {
    var _ = repeatable(() -> mongo.remove(Query.query(of(task)), SecretKey.class));
  }

  /** The keys that open the task now, the newest first. */
  List<SecretKey> liveOf(Task task) {
    var kept = mongo.find(Query.query(of(task)), SecretKey.class);
    var now = clock.instant();
    return Stream.concat(kept.stream(), first(task, kept).stream())
        .filter(key -> key.isLive(now))
        .sorted(Comparator.comparing(SecretKey::created).reversed().thenComparing(SecretKey::id))
        .toList();
  }

  /** The key itself; empty where only its hash was kept. */
  Optional<Secret> text(SecretKey key) {
    return Optional.ofNullable(key.sealed())
        .map(box -> vault.open(place(key.organization(), key.id()), box));
  }

  private static String place(String organization, String id) {
    return Vault.context(organization, "secret_key", id, "text");
  }

  /** Whether the key opens the task. */
  boolean opens(Task task, AccessKey shown) {
    return found(task, shown).isPresent();
  }

  /** Whether the key opens the task; that it did is noted. */
  boolean open(Task task, AccessKey shown) {
    var found = found(task, shown);
    found.ifPresent(this::used);
    return found.isPresent();
  }

  private Optional<SecretKey> found(Task task, AccessKey shown) {
    if (shown.kind() != AccessKey.Kind.SK) {
      return Optional.empty();
    }
    var now = clock.instant();
    return find(task, shown.id())
        .or(() -> firstOf(task))
        .filter(key -> shown.matches(key.hash()) && key.isLive(now));
  }

  private void used(SecretKey key) {
    var now = clock.instant();
    if (isOld(key.lastUse(), now)) {
      var _ =
          repeatable(
              () ->
                  mongo.updateFirst(
                      Query.query(Criteria.where("_id").is(key.id())),
                      new Update().max("lastUse", now),
                      SecretKey.class));
    }
  }

  private static boolean isOld(@Nullable Instant lastUse, Instant now) {
    return lastUse == null || lastUse.isBefore(now.minus(NOTED_EACH));
  }

  /** A key ends once: a later end than the one it has does not give it more time. */
  private void end(SecretKey key, Instant end) {
    if (key.id().equals(firstId(key.task()))) {
      var _ = repeatable(() -> kept(key));
    }
    var _ =
        repeatable(
            () ->
                mongo.updateFirst(
                    Query.query(Criteria.where("_id").is(key.id())),
                    new Update().min("expires", end),
                    SecretKey.class));
  }

  private SecretKey kept(SecretKey key) {
    try {
      return mongo.insert(key);
    } catch (DuplicateKeyException there) {
      return key;
    }
  }

  private void forgetOld(Task task) {
    var old = of(task).and("expires").lt(clock.instant().minus(KEPT));
    // Not the first key of a task of before there were several: its hash stands in the task too.
    var _ =
        repeatable(
            () ->
                mongo.remove(Query.query(old.and("_id").ne(firstId(task.id()))), SecretKey.class));
  }

  private Optional<SecretKey> find(Task task, String id) {
    return Optional.ofNullable(
        mongo.findOne(
            Query.query(
                Criteria.where("_id")
                    .is(id)
                    .and("task")
                    .is(task.id())
                    .and("organization")
                    .is(task.organization())),
            SecretKey.class));
  }

  private static Criteria of(Task task) {
    return Criteria.where("task").is(task.id()).and("organization").is(task.organization());
  }

  /** The key of a task of before there were several, unless it has a record by now. */
  private static Optional<SecretKey> first(Task task, List<SecretKey> kept) {
    return kept.stream().anyMatch(key -> key.id().equals(firstId(task.id())))
        ? Optional.empty()
        : unkept(task);
  }

  private Optional<SecretKey> firstOf(Task task) {
    return task.secretKeyHash() == null
        ? Optional.empty()
        : find(task, firstId(task.id())).or(() -> unkept(task));
  }

  private static Optional<SecretKey> unkept(Task task) {
    var hash = task.secretKeyHash();
    return hash == null
        ? Optional.empty()
        : Optional.of(
            new SecretKey(
                firstId(task.id()),
                task.organization(),
                task.id(),
                hash,
                null,
                task.created(),
                null,
                null));
  }

  private static String firstId(String task) {
    return "first-" + task;
  }
}
