package io.capataz.supervisor.run;

import static io.capataz.supervisor.runtime.MongoRetry.idempotent;
import static io.capataz.supervisor.runtime.MongoRetry.verified;

import io.capataz.common.protocol.Bytes;
import io.capataz.supervisor.job.BelongsToJob;
import io.capataz.supervisor.job.Job;
import io.capataz.supervisor.runtime.Expiry;
import io.capataz.supervisor.runtime.Indexed;
import io.capataz.supervisor.vault.Vault;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.bson.types.ObjectId;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.data.annotation.Id;
import org.springframework.data.domain.Sort;
import org.springframework.data.mongodb.core.MongoOperations;
import org.springframework.data.mongodb.core.index.Index;
import org.springframework.data.mongodb.core.mapping.Document;
import org.springframework.data.mongodb.core.query.Criteria;
import org.springframework.data.mongodb.core.query.Query;
import org.springframework.data.mongodb.core.query.Update;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Repository;

/**
 * Maps a caller's {@code Idempotency-Key} to a job. The first request with a key binds it to a job
 * id before the job exists; a repeated request gets that job, and creates it if the first one died
 * in between.
 *
 * <p>Digests are the vault's: a request may contain secrets that are short enough to be guessed.
 */
@Repository
public class IdempotencyKeys implements Indexed, BelongsToJob {

  /** How long a key is remembered. */
  public static final Duration LIFE = Duration.ofDays(1);

  private final MongoOperations mongo;
  private final Vault vault;
  private final InstantSource clock;

  IdempotencyKeys(MongoOperations mongo, Vault vault, InstantSource clock) {
    this.mongo = mongo;
    this.vault = vault;
    this.clock = clock;
  }

  /**
   * A used key.
   *
   * @param id a digest of the task, the caller and the key
   * @param job the id it stands for
   * @param request a digest of what was asked
   * @param at when it was first used
   * @param removed that the job, or one of the batch, was there and was removed; null: no
   */
  @Document("idempotency_keys")
  record Bound(@Id String id, String job, String request, Instant at, @Nullable Boolean removed) {}

  @Override
  public Class<?> indexedType() {
    return Bound.class;
  }

  @Override
  public List<Index> indexes() {
    return List.of(new Index().on(Bound::at, Sort.Direction.ASC));
  }

  /**
   * The job of a key.
   *
   * @param entry the id of what is kept about it here
   * @param isNew whether nobody has used it before
   * @param isRemoved whether the job was made and is there no more
   */
  public record Reservation(String entry, String id, boolean isNew, boolean isRemoved) {}

  /**
   * Binds a key of a task to a new job id, or returns its existing binding. A key belongs to its
   * caller: another's request with the same key is another request.
   *
   * @param caller see {@code Cause.by}
   * @return empty if the key was used for another request
   */
  public Optional<Reservation> bind(String task, String caller, String key, byte[] request) {
    var digest = vault.digest("idempotent-request", Bytes.of(request));
    var bound =
        new Bound(
            vault.digest("idempotency-key", Bytes.utf8(task + "\n" + caller + "\n" + key)),
            ObjectId.get().toHexString(),
            digest,
            clock.instant(),
            null);
    try {
      var kept =
          verified(
                  () -> Optional.of(mongo.insert(bound)),
                  () -> Optional.ofNullable(mongo.findById(bound.id(), Bound.class)))
              .orElse(bound);
      return found(kept, bound);
    } catch (DuplicateKeyException used) {
      var before = mongo.findById(bound.id(), Bound.class);
      // It may expire at this moment, after its day.
      return before == null ? bind(task, caller, key, request) : found(before, bound);
    }
  }

  private static Optional<Reservation> found(Bound kept, Bound wanted) {
    return kept.request().equals(wanted.request())
        ? Optional.of(
            new Reservation(
                kept.id(),
                kept.job(),
                kept.job().equals(wanted.job()),
                Boolean.TRUE.equals(kept.removed())))
        : Optional.empty();
  }

  /**
   * Marks the key under which a job was made. The key itself is remembered for its whole life, so
   * that a repeated request does not run once more.
   */
  @Override
  public void removeFor(Job job) {
    if (job.provenance().once() != null) {
      var ofJob = Query.query(Criteria.where(Bound::id).is(job.provenance().once()));
      var _ =
          idempotent(
              () -> mongo.updateFirst(ofJob, new Update().set(Bound::removed, true), Bound.class));
    }
  }

  @Scheduled(fixedDelayString = "PT10M", initialDelayString = "PT10M")
  void forget() {
    Expiry.remove(
        mongo, Criteria.where(Bound::at).lt(clock.instant().minus(LIFE)), Bound.class, Bound::id);
  }
}
