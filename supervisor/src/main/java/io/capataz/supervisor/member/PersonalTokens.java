package io.capataz.supervisor.member;

import io.capataz.supervisor.access.AccessKey;
import io.capataz.supervisor.access.Caller;
import io.capataz.supervisor.access.CallerSource;
import io.capataz.supervisor.access.Role;
import io.capataz.supervisor.access.Scope;
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
import org.springframework.data.annotation.Id;
import org.springframework.data.domain.Sort;
import org.springframework.data.mongodb.core.MongoOperations;
import org.springframework.data.mongodb.core.index.Index;
import org.springframework.data.mongodb.core.mapping.Document;
import org.springframework.data.mongodb.core.query.Criteria;
import org.springframework.data.mongodb.core.query.Query;
import org.springframework.data.mongodb.core.query.Update;
import org.springframework.stereotype.Repository;

/** All personal tokens: members' own keys for their scripts and terminals. */
@Repository
class PersonalTokens implements CallerSource, Indexed {

  private static final Duration USE = Duration.ofMinutes(1);
  private static final int MOST = 1_000;

  private final MongoOperations mongo;
  private final InstantSource clock;
  private final Members members;
  private final ReadCache<String, PersonalToken> recent = ReadCache.of(10_000);

  PersonalTokens(MongoOperations mongo, InstantSource clock, Members members) {
    this.mongo = mongo;
    this.clock = clock;
    this.members = members;
  }

  /**
   * A personal token, without its secret part.
   *
   * @param role the highest role it grants; null: the member's current one
   * @param scopes the scopes it is limited to; null: not limited
   * @param keys the member's key counter when it was created
   * @param expires when it expires; null: never
   * @param lastUse when it was last used, to the minute; null: never
   */
  @Document("personal_tokens")
  record PersonalToken(
      @Id String id,
      String hash,
      String member,
      String name,
      @Nullable Role role,
      @Nullable List<Scope> scopes,
      long keys,
      Instant created,
      @Nullable Instant expires,
      @Nullable Instant lastUse) {}

  @Override
  public Class<?> indexedType() {
    return PersonalToken.class;
  }

  @Override
  public List<Index> indexes() {
    return List.of(
        new Index()
            .on(PersonalToken::member, Sort.Direction.ASC)
            .on(PersonalToken::created, Sort.Direction.ASC));
  }

  @Override
  public AccessKey.Kind kind() {
    return AccessKey.Kind.PT;
  }

  @Override
  public Optional<Caller> callerOf(AccessKey key) {
    var now = clock.instant();
    var kept =
        recent
            .get(key.id(), () -> Optional.ofNullable(mongo.findById(key.id(), PersonalToken.class)))
            .filter(token -> key.matches(token.hash()))
            .filter(token -> token.expires() == null || token.expires().isAfter(now));
    return kept.flatMap(
        token -> {
          var scopes = token.scopes() == null ? null : Set.copyOf(token.scopes());
          var caller = members.callerOf(token.member(), token.keys(), token.role(), scopes);
          caller.ifPresent(_ -> noteUse(token, now));
          return caller;
        });
  }

  private void noteUse(PersonalToken token, Instant now) {
    if (token.lastUse() == null || token.lastUse().plus(USE).isBefore(now)) {
      MongoRetry.ifPossible(
          () ->
              mongo.updateFirst(
                  Query.query(Criteria.where(PersonalToken::id).is(token.id())),
                  new Update().max("lastUse", now),
                  PersonalToken.class));
      recent.drop();
    }
  }

  PersonalToken add(PersonalToken token) {
    return mongo.insert(token);
  }

  /** A member's valid tokens, oldest first. */
  List<PersonalToken> of(Member member) {
    return mongo.find(
        Query.query(
                Criteria.where(PersonalToken::member)
                    .is(member.id())
                    .and(PersonalToken::keys)
                    .is(member.keys()))
            .with(Sort.by(PersonalToken::created))
            .limit(MOST),
        PersonalToken.class);
  }

  /** Revokes one of a member's tokens; false if they have no such token. */
  boolean end(String member, String id) {
    var ended =
        mongo.remove(
            Query.query(
                Criteria.where(PersonalToken::id).is(id).and(PersonalToken::member).is(member)),
            PersonalToken.class);
    recent.drop();
    return ended.getDeletedCount() == 1;
  }

  /** Removes all of a member's tokens. */
  void forget(String member) {
    mongo.remove(
        Query.query(Criteria.where(PersonalToken::member).is(member)), PersonalToken.class);
    recent.drop();
  }
}
