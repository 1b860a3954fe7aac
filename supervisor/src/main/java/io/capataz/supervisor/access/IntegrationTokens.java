package io.capataz.supervisor.access;

import io.capataz.common.secret.Secret;
import io.capataz.supervisor.listing.Listing;
import io.capataz.supervisor.listing.Pages;
import io.capataz.supervisor.runtime.Indexed;
import io.capataz.supervisor.runtime.MongoRetry;
import io.capataz.supervisor.runtime.ReadCache;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
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
import org.springframework.stereotype.Repository;

/**
 * All integration tokens: keys for programs that use the API on behalf of an organization (seed
 * 004).
 */
@Repository
class IntegrationTokens implements CallerSource, Indexed {

  /** The precision of the last use; one write per request would be too expensive. */
  private static final Duration USE = Duration.ofMinutes(1);

  private final MongoOperations mongo;
  private final InstantSource clock;
  private final ReadCache<String, IntegrationToken> recent = ReadCache.of(10_000);

  IntegrationTokens(MongoOperations mongo, InstantSource clock) {
    this.mongo = mongo;
    this.clock = clock;
  }

  /**
   * An integration token, without its secret part.
   *
   * @param tags the only tags by which ACLs match it; empty: its role
   * @param scopes the scopes it is limited to; null: not limited
   * @param expires when it expires; null: never
   * @param lastUse when it was last used, to the minute; null: never
   * @param madeBy who created it; null: the first start
   * @param revoked when it was revoked. The record stays, so that the key cannot be registered
   *     again, not even from the file of the first start
   */
  @Document("integration_tokens")
  record IntegrationToken(
      @Id String id,
      String organization,
      String name,
      Role role,
      List<String> tags,
      @Nullable List<Scope> scopes,
      String hash,
      Instant created,
      @Nullable Instant expires,
      @Nullable Instant lastUse,
      @Nullable String madeBy,
      @Nullable Instant revoked) {
    IntegrationToken {
      tags = tags == null ? List.of() : List.copyOf(tags);
    }

    Caller.Machine caller() {
      return new Caller.Machine(
          organization, id, name, role, tags, scopes == null ? null : Set.copyOf(scopes));
    }
  }

  @Override
  public Class<?> indexedType() {
    return IntegrationToken.class;
  }

  @Override
  public List<Index> indexes() {
    return List.of(new Index().on(IntegrationToken::organization, Sort.Direction.ASC));
  }

  @Override
  public AccessKey.Kind kind() {
    return AccessKey.Kind.IT;
  }

  @Override
  public Optional<Caller> callerOf(AccessKey key) {
    var now = clock.instant();
    return recent
        .get(key.id(), () -> Optional.ofNullable(mongo.findById(key.id(), IntegrationToken.class)))
        .filter(token -> key.matches(token.hash()))
        .filter(token -> token.revoked() == null)
        .filter(token -> token.expires() == null || token.expires().isAfter(now))
        .map(
            token -> {
              noteUse(token, now);
              return token.caller();
            });
  }

  private void noteUse(IntegrationToken token, Instant now) {
    if (token.lastUse() == null || token.lastUse().plus(USE).isBefore(now)) {
      MongoRetry.ifPossible(
          () ->
              mongo.updateFirst(
                  Query.query(Criteria.where(IntegrationToken::id).is(token.id())),
                  new Update().max("lastUse", now),
                  IntegrationToken.class));
      recent.drop();
    }
  }

  /** Whether the organization has ever had a token. */
  boolean anyFor(String organization) {
    return mongo.exists(
        Query.query(Criteria.where(IntegrationToken::organization).is(organization)),
        IntegrationToken.class);
  }

  /** Registers an existing key; registering it twice has no effect. */
  void keep(AccessKey key, String organization, String name, Role role) {
    try {
      add(
          new IntegrationToken(
              key.id(),
              organization,
              name,
              role,
              List.of(),
              null,
              key.hash(),
              clock.instant(),
              null,
              null,
              null,
              null));
    } catch (DuplicateKeyException alreadyKept) {
      // Another start of this supervisor registered it between our lookup and our insert.
    }
  }

  IntegrationToken add(IntegrationToken token) {
    return mongo.insert(token);
  }

  /** The organization's token, if it exists and is not revoked. */
  Optional<IntegrationToken> find(String organization, String id) {
    return Optional.ofNullable(mongo.findOne(living(organization, id), IntegrationToken.class));
  }

  /** Revokes the token; false if it was already revoked. */
  boolean revoke(String organization, String id) {
    var revoked =
        mongo.updateFirst(
            living(organization, id),
            new Update().set(IntegrationToken::revoked, clock.instant()),
            IntegrationToken.class);
    recent.drop();
    return revoked.getModifiedCount() == 1;
  }

  /** An organization's tokens that are not revoked. */
  Listing.Page<IntegrationToken> list(String organization, Listing<IntegrationToken> asked) {
    var which =
        Criteria.where(IntegrationToken::organization)
            .is(organization)
            .and(IntegrationToken::revoked)
            .exists(false);
    var names = asked.filterAll("name");
    if (!names.isEmpty()) {
      which.and(IntegrationToken::name).in(names);
    }
    return Pages.find(mongo, IntegrationToken.class, which, asked, IntegrationToken::id);
  }

  /** Parses a token. */
  static Optional<AccessKey> read(Secret text) {
    return AccessKey.parse(text.reveal()).filter(key -> key.kind() == AccessKey.Kind.IT);
  }

  private static Query living(String organization, String id) {
    return Query.query(
        Criteria.where(IntegrationToken::id)
            .is(id)
            .and(IntegrationToken::organization)
            .is(organization)
            .and(IntegrationToken::revoked)
            .exists(false));
  }
}
