package io.capataz.supervisor.access;

import io.capataz.common.secret.Secret;
import io.capataz.supervisor.runtime.Indexed;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.data.annotation.Id;
import org.springframework.data.domain.Sort;
import org.springframework.data.mongodb.core.MongoOperations;
import org.springframework.data.mongodb.core.index.Index;
import org.springframework.data.mongodb.core.mapping.Document;
import org.springframework.data.mongodb.core.query.Criteria;
import org.springframework.data.mongodb.core.query.Query;
import org.springframework.stereotype.Repository;

/** All integration tokens: programs' keys to the API in the name of an organization (seed 004). */
@Repository
class IntegrationTokens implements CallerSource, Indexed {

  private final MongoOperations mongo;
  private final InstantSource clock;

  IntegrationTokens(MongoOperations mongo, InstantSource clock) {
    this.mongo = mongo;
    this.clock = clock;
  }

  @Document("integration_tokens")
  record IntegrationToken(
      @Id String id,
      String organization,
      String name,
      Role role,
      String hash,
      Instant created,
      @Nullable Instant expires) {}

  @Override
  public Class<?> indexedType() {
    return IntegrationToken.class;
  }

  @Override
  public List<Index> indexes() {
    return List.of(new Index().on("organization", Sort.Direction.ASC));
  }

  @Override
  public AccessKey.Kind kind() {
    return AccessKey.Kind.IT;
  }

  @Override
  public Optional<Caller> callerOf(AccessKey key) {
    return Optional.ofNullable(mongo.findById(key.id(), IntegrationToken.class))
        .filter(token -> key.matches(token.hash()))
        .filter(token -> token.expires() == null || token.expires().isAfter(clock.instant()))
        .map(token -> new Caller.Machine(token.organization(), token.id(), token.role()));
  }

  /** Whether the organization has any token at all. */
  boolean anyFor(String organization) {
    return mongo.exists(
        Query.query(Criteria.where("organization").is(organization)), IntegrationToken.class);
  }

  /** Keeps a key that was made before; keeping it twice changes nothing. */
  void keep(AccessKey key, String organization, String name, Role role) {
    try {
      mongo.insert(
          new IntegrationToken(
              key.id(), organization, name, role, key.hash(), clock.instant(), null));
    } catch (DuplicateKeyException alreadyKept) {
      // Another start of this supervisor kept it between our look and our insert.
    }
  }

  /** Reads a token's text. */
  static Optional<AccessKey> read(Secret text) {
    return AccessKey.parse(text.reveal()).filter(key -> key.kind() == AccessKey.Kind.IT);
  }
}
